import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { foldIn, keyOf } from "../../random/host.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf, varianceOf } from "../../testing/statistics.js";
import { ModelTrace } from "../../train/trace.js";
import { dense } from "../core/dense.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { activityRegularization } from "./activityRegularization.js";
import { alphaDropout } from "./alphaDropout.js";
import { gaussianDropout, gaussianNoise } from "./gaussian.js";
import { spatialDropout1d, spatialDropout2d, spatialDropout3d } from "./spatialDropout.js";

// The noise of the last steps stays in the weights.
const noisy = { refused: [], trainingDiffers: true, overfit: 0.3 };

layerTest((extra) => gaussianNoise({ stddev: 0.2, ...extra }), [{ shape: [4, 3] }], { output: [4, 3], ...noisy });
layerTest((extra) => gaussianDropout({ rate: 0.1, ...extra }), [{ shape: [4, 3] }], { output: [4, 3], ...noisy });
layerTest((extra) => alphaDropout({ rate: 0.1, ...extra }), [{ shape: [4, 5] }], { output: [4, 5], ...noisy });
layerTest((extra) => spatialDropout1d({ rate: 0.3, ...extra }), [{ shape: [2, 6] }], { output: [2, 6], ...noisy, refused: [[[6]]] });
layerTest((extra) => spatialDropout2d({ rate: 0.3, dataFormat: "channelsFirst", ...extra }), [{ shape: [6, 1, 2] }], { output: [6, 1, 2], ...noisy });
layerTest((extra) => spatialDropout3d({ rate: 0.3, ...extra }), [{ shape: [1, 1, 2, 6] }], { output: [1, 1, 2, 6], ...noisy });
layerTest((extra) => activityRegularization({ l1: 1e-4, l2: 1e-4, ...extra }), [{ shape: [4] }], { output: [4], refused: [] });

const DRAWS = 200_000;

/** What a layer makes of x while training, from the key of one step. */
async function trained(layer: Layer, x: Float32Array, shape: readonly number[], step = 0): Promise<Float32Array> {
  const key = dataTensor(Uint32Array.from(foldIn(keyOf(7), step)));
  const y = layer.call(new ModelTrace({ training: true, key }), [{ value: dataTensor(x, "float32", shape) }])[0]!.value;
  return (await y.data()) as Float32Array;
}

function filled(size: number, value: number): Float32Array {
  return new Float32Array(size).fill(value);
}

/** The largest correlation of z-scores with their neighbours, times √n: standard normal for independent draws. */
function neighbours(z: Float32Array): number {
  const at = (lag: number): number => z.slice(lag).reduce((sum, value, i) => sum + value * z[i]!, 0) / Math.sqrt(z.length - lag);
  return Math.max(...[1, 2, 100, DRAWS / 2].map((lag) => Math.abs(at(lag))));
}

// All deviations below are those of n = 200 000 independent draws, with 5 of them allowed: a correct
// layer is beyond in 6 of 10⁷ keys at each bound, and the key here is fixed. A mean deviates by
// σ / √n, a variance by σ² · √((κ − 1) / n), κ being the kurtosis: 3 for normal noise.
describe("normal noise", () => {
  it.each([
    ["added", gaussianNoise({ stddev: 0.3 }), 2, 0.3],
    // 2 · √(0.2 / 0.8) = 1.
    ["multiplied", gaussianDropout({ rate: 0.2 }), 2, 1],
  ])("%s has its mean, its variance, its shape and independent draws", async (_what, layer, x, sigma) => {
    const y = await trained(layer, filled(DRAWS, x), [DRAWS / 100, 100]);
    expect(Math.abs(meanOf(y) - x)).toBeLessThan((5 * sigma) / Math.sqrt(DRAWS));
    expect(Math.abs(varianceOf(y) / sigma ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / DRAWS));
    const z = y.map((value) => (value - x) / sigma);
    // Var(z⁴) = 96: the kurtosis deviates by √(96 / n).
    expect(Math.abs(meanOf(z.map((v) => v ** 4)) - 3)).toBeLessThan(5 * Math.sqrt(96 / DRAWS));
    expect(neighbours(z)).toBeLessThan(5);
  });
});

describe("AlphaDropout", () => {
  it.each([0.1, 0.5])("of rate %f keeps mean 0 and variance 1, and drops that share", async (rate) => {
    // ±1 by turns: mean 0, variance 1.
    const x = Float32Array.from({ length: DRAWS }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const y = await trained(alphaDropout({ rate }), x, [DRAWS / 100, 100]);
    const low = -1.7580993408473766;
    const scale = ((1 - rate) * (1 + rate * low ** 2)) ** -0.5;
    const levels = [1, -1, low].map((value) => scale * value - scale * low * rate);
    const dropped = y.map((value) => (Math.abs(value - levels[2]!) < 1e-5 ? 1 : 0));
    expect(y.every((value) => levels.some((level) => Math.abs(value - level) < 1e-5))).toBe(true);
    const deviation = Math.sqrt((rate * (1 - rate)) / DRAWS);
    expect(Math.abs(meanOf(dropped) - rate)).toBeLessThan(5 * deviation);
    expect(Math.abs(meanOf(y))).toBeLessThan(5 / Math.sqrt(DRAWS));
    // The fourth moment is bounded by the largest level's square: Var(y²) ≤ max y² · E y² = max y².
    const bound = Math.max(...levels.map((level) => level ** 2));
    expect(Math.abs(varianceOf(y) - 1)).toBeLessThan(5 * Math.sqrt(bound / DRAWS));
    expect(neighbours(dropped.map((d) => (d - rate) / Math.sqrt(rate * (1 - rate))))).toBeLessThan(5);
  });

  it("drops whole slices along axes of noiseShape that are 1", async () => {
    const y = await trained(alphaDropout({ rate: 0.5, noiseShape: [null, 1] }), filled(512, 1), [64, 8]);
    const rows = Array.from({ length: 64 }, (_, i) => new Set(y.subarray(i * 8, i * 8 + 8)));
    expect(rows.every((values) => values.size === 1)).toBe(true);
    expect(new Set(y).size).toBe(2);
  });
});

describe("spatial dropout", () => {
  it.each([
    ["1d", spatialDropout1d({ rate: 0.3 }), [1000, 2, 200], 200],
    ["2d", spatialDropout2d({ rate: 0.3, dataFormat: "channelsFirst" }), [1000, 200, 1, 2], 0],
    ["3d", spatialDropout3d({ rate: 0.3 }), [1000, 1, 2, 1, 200], 200],
  ])("%s drops whole channels, each by itself", async (_what, layer, shape, stride) => {
    const y = await trained(layer, filled(400_000, 1), shape);
    // Two places of a channel lie side by side, or a row of channels apart.
    const [first, second] = [0, 1].map((place) =>
      Float32Array.from({ length: DRAWS }, (_, i) => y[stride === 0 ? 2 * i + place : Math.floor(i / 200) * 400 + place * stride + (i % 200)]!),
    );
    expect(second).toEqual(first);
    const zeros = first!.map((value) => (value === 0 ? 1 : 0));
    expect(Math.abs(meanOf(zeros) - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / DRAWS));
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(neighbours(zeros.map((d) => (d - 0.3) / Math.sqrt(0.21)))).toBeLessThan(5);
  });
});

describe("noise", () => {
  const makes = [
    () => gaussianNoise({ stddev: 0.5, name: "a" }),
    () => gaussianDropout({ rate: 0.5, name: "a" }),
    () => alphaDropout({ rate: 0.5, name: "a" }),
    () => spatialDropout1d({ rate: 0.5, name: "a" }),
  ];

  it.each(makes)("is the same for the same step, another for the next, and none outside of training", async (make) => {
    const x = filled(200, 1);
    const first = await trained(make(), x, [10, 1, 20]);
    expect(await trained(make(), x, [10, 1, 20])).toEqual(first);
    expect(await trained(make(), x, [10, 1, 20], 1)).not.toEqual(first);
    const y = await sequential([input([1, 2]), make()]).predict([[[1, -2]]]);
    expect(await y.toArray()).toEqual([[[1, -2]]]);
  });

  it.each([
    [() => gaussianNoise({ stddev: -1 }), "stddev"],
    [() => gaussianNoise({ stddev: 1.5 }), "stddev"],
    [() => gaussianDropout({ rate: 1 }), "rate"],
    [() => alphaDropout({ rate: 1 }), "rate"],
    [() => spatialDropout2d({ rate: -0.1 }), "rate"],
    [() => spatialDropout2d({ rate: 0.1, dataFormat: "first" as never }), "dataFormat"],
    [() => activityRegularization({ l1: -1 }), "l1"],
  ])("refuses a wrong option", (make, option) => {
    expect(mistake(make).where).toMatch(new RegExp(`, option ${option}$`));
  });
});

describe("ActivityRegularization", () => {
  it("adds its penalty to the loss, a sample", async () => {
    const probe = dense({ units: 2, useBias: false });
    const model = sequential([input([1]), probe, activityRegularization({ l1: 0.1, l2: 0.01 })]);
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    probe.variables[0]!.assign([1, -2]);
    const { loss } = await model.evaluate({ x: [[1], [2]], y: [[1, -2], [2, -4]] });
    // Outputs (1, −2) and (2, −4), which are the targets: (0.1 · 9 + 0.01 · 25) / 2.
    expectClose([loss!], [(0.9 + 0.25) / 2], 1e-6);
  });
});
