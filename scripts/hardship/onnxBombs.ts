import { spawn } from "node:child_process";
import { join } from "node:path";
import { HOSTILE_ONNX } from "../../src/testing/hostileOnnx.js";
import { type Check, megabytes, must } from "./check.js";

const MAX_MS = 1000;
const MAX_BYTES = 200 * 2 ** 20;

/** What a process that opens one of the files says last; nothing where it was killed, ran out of memory or failed. */
function openApart(name: string): Promise<string> {
  const child = spawn(process.execPath, ["--expose-gc", join(import.meta.dirname, "opener.js"), name], { timeout: 30_000 });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.once("exit", (code, signal) => resolve(code === 0 ? text : `ended by ${signal ?? code}: ${text.slice(0, 1000)}`)));
}

/** Each hostile ONNX file is opened or refused by a process of its own, within a second and 200 MB. */
export const onnxBombs: Check = async () => {
  const failures: string[] = [];
  let [slowest, largest, opened] = [0, 0, 0];
  for (const name of Object.keys(HOSTILE_ONNX)) {
    const text = await openApart(name);
    if (!text.startsWith("{")) {
      failures.push(`${name}: ${text}`);
      continue;
    }
    const found = JSON.parse(text) as { ms: number; grown: number; opened: boolean };
    if (found.ms > MAX_MS || found.grown > MAX_BYTES) failures.push(`${name}: ${found.ms.toFixed(0)} ms, ${megabytes(found.grown)}`);
    slowest = Math.max(slowest, found.ms);
    largest = Math.max(largest, found.grown);
    if (found.opened) opened++;
  }
  must(failures.length === 0, failures.join("\n"));
  return `${Object.keys(HOSTILE_ONNX).length} hostile files, ${opened} of which describe something; slowest ${slowest.toFixed(0)} ms, ${megabytes(largest)} at most`;
};
