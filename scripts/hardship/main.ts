// Slow checks of what happens under hostile input and in hard times. Each runs in a process of its own.
import { spawn } from "node:child_process";
import "../../src/index.node.js";
import { abortStorm } from "./aborts.js";
import { bombs } from "./bombs.js";
import type { Check } from "./check.js";
import { fullDisk, killedSaving, killedTraining, readOnlyFolder, twoWriters } from "./disk.js";
import { failingStep, failingTraces } from "./failures.js";
import { onnxBombs } from "./onnxBombs.js";
import { fuzzCsv, fuzzKeras, fuzzModels, fuzzOnnx, fuzzSafetensors, fuzzTraining } from "./fuzz.js";
import { droppedModels, manyExpressions, manySteps } from "./memory.js";

const CHECKS: Readonly<Record<string, Check>> = {
  fuzzModels,
  fuzzKeras,
  fuzzOnnx,
  fuzzTraining,
  fuzzSafetensors,
  fuzzCsv,
  bombs,
  onnxBombs,
  fullDisk,
  readOnlyFolder,
  twoWriters,
  killedSaving,
  killedTraining,
  failingStep,
  failingTraces,
  droppedModels,
  manySteps,
  manyExpressions,
  abortStorm,
};

/** Longer than any takes on two slow cores; a check that hangs is a finding. */
const MAX_MINUTES = 15;

/** Runs one check here. */
async function runHere(name: string): Promise<number> {
  const check = CHECKS[name];
  if (check === undefined) {
    console.error(`hardship: expected one of ${Object.keys(CHECKS).join(", ")}, received "${name}"`);
    return 1;
  }
  const begin = performance.now();
  try {
    const figures = await check();
    console.log(`ok ${name} (${((performance.now() - begin) / 1000).toFixed(0)} s): ${figures}`);
    return 0;
  } catch (error) {
    console.log(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** Runs one check in a process whose memory and time are bounded. */
function runApart(name: string): Promise<boolean> {
  const args = ["--expose-gc", "--max-old-space-size=600", import.meta.filename, name];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const timer = setTimeout(() => {
    console.log(`FAILED ${name}: still running after ${MAX_MINUTES} minutes`);
    child.kill("SIGKILL");
  }, MAX_MINUTES * 60_000);
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal !== null) console.log(`FAILED ${name}: ended by ${signal}`);
      resolve(code === 0);
    });
  });
}

const [only] = process.argv.slice(2);
if (only !== undefined) process.exitCode = await runHere(only);
else for (const name of Object.keys(CHECKS)) if (!(await runApart(name))) process.exitCode = 1;
