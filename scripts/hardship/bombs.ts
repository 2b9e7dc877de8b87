import { packCheckpoint, unpackCheckpoint } from "../../src/files/checkpoint.js";
import { fromBytes, layers, NacreError, sequential } from "../../src/index.node.js";
import { type Check, megabytes, must } from "./check.js";

interface Config {
  [key: string]: unknown;
}

const layer = (className: string, config: Config, name = className.toLowerCase()): Config => ({ className, name, trainable: true, config });
const call = (at: number, ...inputs: number[]): Config => ({ layer: at, inputs });
const model = (shape: number[], list: Config[], calls: Config[]): Config => ({
  className: "Functional",
  name: null,
  inputs: [{ name: "input", shape, dtype: "float32" }],
  layers: list,
  calls,
  outputs: [{ name: "output", value: calls.length }],
});
const chain = (count: number): Config[] => Array.from({ length: count }, (_, i) => call(0, i));
const one = (shape: number[], className: string, config: Config): Config => model(shape, [layer(className, config)], [call(0, 0)]);

/** Each level calls the one below ten times. */
function laughs(depth: number): Config {
  const below = depth === 0 ? layer("Flatten", {}) : layer("Functional", laughs(depth - 1), "below");
  return model([1], [below], chain(10));
}

/** Small files that describe something endless. */
const BOMBS: Readonly<Record<string, () => Config>> = {
  "nested models, 10 calls each, 9 deep": () => laughs(9),
  "a layer called 100,000 times": () => model([1], [layer("Flatten", {})], chain(100_000)),
  "a model of 10^12 weights": () => one([1e6], "Dense", { units: 1e6 }),
  "an input of 10^30 elements": () => one(Array.from({ length: 5 }, () => 1e6), "Flatten", {}),
  "adaptive pooling to 10^9": () => one([10, 1], "AdaptiveAveragePooling1D", { outputSize: 1e9 }),
  "adaptive pooling of 30,000 to 29,999": () => one([30_000, 1], "AdaptiveAveragePooling1D", { outputSize: 29_999 }),
  "adaptive maximum of 10^9 to 7": () => one([1e9, 1], "AdaptiveMaxPooling1D", { outputSize: 7 }),
  "a pool of 10^9": () => one([1e9, 1], "MaxPooling1D", { poolSize: 1e9, strides: 1 }),
  "an average of 10^8 windows": () => one([1e8, 1], "AveragePooling1D", { poolSize: 3, strides: 2, padding: "same" }),
  "resizing to 10^6": () => one([3, 3, 1], "Resizing", { height: 1e6, width: 1e6 }),
  "resizing of 30,000 to 29,999": () => one([30_000, 2, 1], "Resizing", { height: 29_999, width: 2 }),
  "upsampling by 10^9": () => one([3, 3, 1], "UpSampling2D", { size: 1e9, interpolation: "bilinear" }),
  "repeating 10^9 times": () => one([3], "RepeatVector", { n: 1e9 }),
  "padding by 10^9": () => one([3, 3, 1], "ZeroPadding2D", { padding: 1e9 }),
  "a recurrence over 10^9 steps": () => one([1e9, 1], "SimpleRNN", { units: 1 }),
  "a recurrence over 10^6 steps": () => one([1e6, 1], "LSTM", { units: 1 }),
  "positions up to 10^9": () => one([1e9, 1], "Reshape", { targetShape: [-1, 1] }),
  "a convolution of 10^9": () => one([1e9, 1], "Conv1D", { filters: 1, kernelSize: 1e9, padding: "same" }),
  "a convolution whose kernel is dilated by 10^9": () => one([1e9, 1], "Conv1D", { filters: 1, kernelSize: 3, dilationRate: 1e9, padding: "causal" }),
};

/** Building up to the limit on nodes takes longer than reading a sound file. */
const MAX_MS = 5000;

/** All are refused in time (for want of weights at the latest), or open without taking memory. */
export const bombs: Check = async () => {
  const sound = unpackCheckpoint(await sequential([layers.input([1]), layers.flatten()]).toBytes());
  const failures: string[] = [];
  let slowest = 0;
  for (const [name, make] of Object.entries(BOMBS)) {
    const json = new TextEncoder().encode(JSON.stringify({ model: make(), seed: null, compile: null }));
    const bytes = packCheckpoint({ ...sound, "model.json": json });
    const before = process.memoryUsage().rss;
    const begin = performance.now();
    try {
      await fromBytes(bytes);
    } catch (error) {
      if (!(error instanceof NacreError)) failures.push(`${name}: ${String(error)}`);
    }
    const ms = performance.now() - begin;
    const grown = process.memoryUsage().rss - before;
    if (ms > MAX_MS || grown > 200 * 2 ** 20) failures.push(`${name}: ${ms.toFixed(0)} ms, ${megabytes(grown)}`);
    slowest = Math.max(slowest, ms);
  }
  must(failures.length === 0, failures.join("\n"));
  return `${Object.keys(BOMBS).length} small files of endless models, slowest ${slowest.toFixed(0)} ms`;
};
