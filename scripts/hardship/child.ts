import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** Another process of this folder, once it says that it is ready. */
export async function startChild(program: string, args: readonly string[]): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await Promise.race([new Promise((resolve) => child.stdout!.once("data", resolve)), ended]);
  return { child, ended };
}

/** Kills it, without a chance to clean up, after so many milliseconds; gives its exit code where it ended before. */
export async function killAfter(ms: number, { child, ended }: Awaited<ReturnType<typeof startChild>>): Promise<number | null> {
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  const code = await ended;
  clearTimeout(timer);
  return code;
}
