import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { measure } from "./peers/nacre.js";
import { makeData } from "./peers/data.js";
import type { Job } from "./workload.js";
import { workloads } from "./workloads/index.js";

/*
 * `npm run bench -- --quick`: a training step against the same network's forward pass by onnxruntime-node itself.
 * With one thread each, in processes of their own, in turns; of each the least time counts, which other programs
 * disturb least. Fails where a ratio has grown by a half over the one in quick.json, which `--store` writes.
 */

const NAMES = ["mlp", "two-tower", "convnet", "xception-mini", "lstm", "gpt-nano"];
const SIDES = ["step", "forward"] as const;
const MOST_GROWTH = 1.5;

/** A ratio that has grown is measured so often before it is believed. */
const ROUNDS = 4;

const FILE = join(resolve(import.meta.dirname, ".."), "quick.json");

type Side = (typeof SIDES)[number];
type Least = Record<Side, number>;

function jobOf(name: string, batches: number): Job {
  const { build: _build, ...workload } = workloads.find((each) => each.name === name)!;
  return { peer: "nacre", workload, threads: 1, batches, without: [], steps: 10, seconds: 1.5, limit: 20 };
}

/** The least time of a training step, in ms. */
async function leastStep(name: string): Promise<number> {
  return Math.min(...(await measure(jobOf(name, 4))).clock.times_ms);
}

/** The least time of a forward pass of the exported network, in ms. */
async function leastForward(name: string): Promise<number> {
  const job = jobOf(name, 1);
  const ort = (await import("onnxruntime-node")) as unknown as {
    InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
    Tensor: new (dtype: "float32" | "int32", data: Float32Array | Int32Array, dims: readonly number[]) => Tensor;
  };
  const model = await workloads.find((each) => each.name === name)!.build().toOnnx();
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const { inputs } = makeData(job);
  const feeds = Object.fromEntries(inputs.map(({ data, shape }, i) => [session.inputNames[i]!, new ort.Tensor(data instanceof Int32Array ? "int32" : "float32", data, shape)]));
  let least = Infinity;
  const end = performance.now() + job.seconds * 1000;
  for (let runs = 0; runs < job.steps || performance.now() < end; runs++) {
    const begin = performance.now();
    await session.run(feeds);
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

function measureApart(side: Side, name: string): number {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), side, name], { encoding: "utf8" });
  const least = Number(stdout);
  if (!(least > 0)) throw new Error(`${name}, ${side}: ${stderr}`);
  return least;
}

/** Measures all, and gives whether no ratio has grown too far. */
export async function runQuick(store: boolean): Promise<boolean> {
  const known = JSON.parse(await readFile(FILE, "utf8").catch(() => "{}")) as Record<string, number>;
  const ratios: Record<string, number> = {};
  console.log("workload       step ms  forward ms  ratio  stored");
  for (const name of NAMES) {
    const least: Least = { step: Infinity, forward: Infinity };
    const ratio = (): number => least.step / least.forward;
    for (let round = 0; round < ROUNDS && (round < 2 || store || ratio() > (known[name] ?? Infinity) * MOST_GROWTH); round++) {
      for (const side of SIDES) least[side] = Math.min(least[side], measureApart(side, name));
    }
    ratios[name] = Number(ratio().toFixed(2));
    const cells = [least.step.toFixed(3).padStart(8), least.forward.toFixed(3).padStart(10), ratio().toFixed(2).padStart(5), (known[name]?.toFixed(2) ?? "-").padStart(6)];
    console.log([name.padEnd(13), ...cells].join("  "));
  }
  if (store) await writeFile(FILE, `${JSON.stringify(ratios, undefined, 2)}\n`);
  const grown = NAMES.filter((name) => ratios[name]! > (known[name] ?? Infinity) * MOST_GROWTH);
  if (grown.length > 0 && !store) console.error(`A training step has become slower against a forward pass: ${grown.join(", ")}`);
  return store || grown.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [side, name] = process.argv.slice(2);
  console.log(await (side === "step" ? leastStep(name!) : leastForward(name!)));
  process.exit(0);
}
