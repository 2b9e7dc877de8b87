import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import "../../src/index.node.js";
import type { Outcome } from "./format.js";
import * as layers from "./layers.js";
import * as losses from "./losses.js";
import * as metrics from "./metrics.js";
import * as models from "./models.js";
import * as onnx from "./onnx.js";
import * as optimizers from "./optimizers.js";

interface Runner {
  /** Some cases have another file beside theirs. */
  run(file: never, path: string): AsyncIterable<Outcome>;
}

/** What runs the cases of a file, told by what the file holds, so that its name is free. */
const RUNNERS: readonly { readonly holds: (file: CaseFile) => boolean; readonly runner: Runner }[] = [
  { holds: ({ cases }) => cases?.[0]?.["layer"] !== undefined, runner: layers },
  { holds: ({ cases }) => cases?.[0]?.["loss"] !== undefined, runner: losses },
  { holds: ({ cases }) => cases?.[0]?.["metric"] !== undefined, runner: metrics },
  { holds: ({ train }) => train !== undefined, runner: models },
  { holds: ({ sgd }) => sgd !== undefined, runner: onnx },
  { holds: ({ optimizers: list }) => Array.isArray(list), runner: optimizers },
];

interface CaseFile {
  readonly cases?: readonly Readonly<Record<string, unknown>>[];
  readonly optimizers?: unknown;
  readonly train?: unknown;
  readonly sgd?: unknown;
}

/** The outcomes of all cases of one file. */
async function* outcomesOf(path: string): AsyncGenerator<Outcome> {
  let file: CaseFile;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as CaseFile;
  } catch (error) {
    yield { name: "file", status: "failed", reason: String(error) };
    return;
  }
  const found = RUNNERS.find(({ holds }) => holds(file));
  if (found === undefined) yield { name: "file", status: "failed", reason: "holds no cases of a known kind" };
  else yield* found.runner.run(file as never, path);
}

async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    console.error(`conformance: expected a folder of cases, received ${folder ?? "nothing"}. Fix: npm run conformance -- DIR`);
    return 1;
  }
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const path of files.toSorted().map((name) => join(folder, name))) {
    for await (const { name, status, error, reason } of outcomesOf(path)) {
      counts[status]++;
      if (status === "passed") continue;
      const size = error === undefined ? "" : ` largest error ${error.toPrecision(3)} times the tolerance;`;
      console.log(`${status} ${relative(folder, path)} ${name}:${size} ${reason ?? ""}`);
    }
  }
  if (counts.passed + counts.failed + counts.skipped === 0) {
    console.error(`conformance: expected .json files of cases in ${folder}, received none. Fix: name the folder that holds them`);
    return 1;
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
