import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const WRITER = join(import.meta.dirname, "../../../scripts/onnx/backend.py");

/** Whether a folder holds tests already. */
function isWritten(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}

/** The first Python that has `onnx`: that of the variable PYTHON, or one on the path. */
function pythonWithOnnx(): string | undefined {
  const candidates = [process.env["PYTHON"], "python3", "python"].filter((name) => name !== undefined);
  return candidates.find((name) => spawnSync(name, ["-c", "import onnx"], { stdio: "ignore" }).status === 0);
}

/** Writes ONNX's tests into a folder, unless they are there. Gives whether they are. */
export function writeTests(folder: string): boolean {
  if (isWritten(folder)) return true;
  const python = pythonWithOnnx();
  if (python === undefined) {
    console.log("skipped: no Python with the package onnx was found. Set PYTHON to one, or name a folder with the tests that scripts/onnx/backend.py has written");
    return false;
  }
  const { status, stderr } = spawnSync(python, [WRITER, folder], { encoding: "utf8" });
  if (status === 0) return true;
  console.log(`failed: ${python} ${WRITER} ${folder}: ${stderr.slice(-2000)}`);
  return false;
}
