import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { setEngine } from "nacre";
import { workloads } from "./workloads/index.js";

/*
 * `node bench/dist/predict.js [--rounds 5]`: `model.predict` against the exported file run by
 * onnxruntime-node itself, at its defaults but for the same threads. Each measurement is a process
 * of its own, in turns; of each the least time counts, which other programs disturb least.
 */

const NAMES = ["mlp", "convnet"];
const BATCHES = [1, 128];
const THREADS = 2;

/** How long one process measures. */
const MEASURE_MS = 1500;

type Runner = (data: Float32Array, rows: number) => Promise<unknown>;

async function nacre(name: string, threads: number): Promise<Runner> {
  setEngine({ threads });
  const model = workloads.find((workload) => workload.name === name)!.build();
  return async (data, rows) => (await model.predict(data, { batchSize: rows })).data();
}

async function exported(name: string, threads: number): Promise<Runner> {
  const { inputs, build } = workloads.find((workload) => workload.name === name)!;
  const ort = (await import("onnxruntime-node")) as unknown as {
    InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
    Tensor: new (dtype: "float32", data: Float32Array, dims: readonly number[]) => Tensor;
  };
  const session = await ort.InferenceSession.create(await build().toOnnx(), { intraOpNumThreads: threads, logSeverityLevel: 4 });
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
  return async (data, rows) => {
    const results = await session.run({ [input]: new ort.Tensor("float32", data, [rows, ...inputs[0]!.shape]) });
    return results[output]!.data;
  };
}

/** The least time of a call, in ms. */
async function leastMs(side: string, name: string, rows: number, threads: number): Promise<number> {
  const run = await (side === "nacre" ? nacre : exported)(name, threads);
  const size = workloads.find((workload) => workload.name === name)!.inputs[0]!.shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: rows * size }, (_, i) => Math.sin(i));
  let least = Infinity;
  const end = performance.now() + MEASURE_MS;
  while (performance.now() < end) {
    const begin = performance.now();
    await run(data, rows);
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

function measureApart(...args: readonly (string | number)[]): number {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args.map(String)], { encoding: "utf8" });
  const least = Number(stdout);
  if (!(least > 0)) throw new Error(stderr);
  return least;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "5" } } });
const [side, name, rows, threads] = positionals;
if (side !== undefined) {
  console.log(await leastMs(side, name!, Number(rows), Number(threads)));
} else {
  console.log("workload  rows  nacre ms  onnxruntime ms  ratio");
  for (const workload of NAMES) {
    for (const batch of BATCHES) {
      const least = { nacre: Infinity, onnxruntime: Infinity };
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const each of ["nacre", "onnxruntime"] as const) {
          least[each] = Math.min(least[each], measureApart(each, workload, batch, THREADS));
        }
      }
      const cells = [least.nacre.toFixed(3).padStart(8), least.onnxruntime.toFixed(3).padStart(14), (least.nacre / least.onnxruntime).toFixed(2).padStart(5)];
      console.log([workload.padEnd(8), String(batch).padStart(4), ...cells].join("  "));
    }
  }
}
