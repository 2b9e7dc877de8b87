import { spawn } from "node:child_process";
import type { Launch } from "./peers.js";
import type { Job, Report } from "./workload.js";

/** The longest that a process may take in all. */
const PROCESS_LIMIT_MS = 10 * 60_000;

/** Runs one job in a process of its own; a string is the reason why it could not be done. */
export async function launch({ command, env }: Launch, job: Job): Promise<Report | string> {
  const [program, ...args] = command as [string, ...string[]];
  const threads = String(job.threads);
  const child = spawn(program, [...args, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PROCESS_LIMIT_MS,
    killSignal: "SIGKILL",
    env: { ...process.env, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: "3", ...env },
  });
  let output = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const ending = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
  return readReport(output) ?? `${ending}: ${lastLine(complaints)}`;
}

/** The report or error in the last line of a peer's output; undefined where there is none. */
function readReport(output: string): Report | string | undefined {
  try {
    const result = JSON.parse(lastLine(output)) as Report | { readonly error: string };
    return "error" in result ? firstLine(result.error) : result;
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Of long messages the first line is enough. */
function firstLine(message: string): string {
  return message.trim().split("\n")[0]!.slice(0, 160);
}
