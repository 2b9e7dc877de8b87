import { describe, expect, it } from "vitest";
import { gradients } from "../../autodiff/gradients.js";
import { sequential } from "../../models/sequential.js";
import { foldIn, keyOf } from "../../random/host.js";
import { dataTensor } from "../../tensor/convert.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf } from "../../testing/statistics.js";
import { ModelTrace } from "../../train/trace.js";
import { dense } from "../core/dense.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { dropout } from "./dropout.js";

layerTest((extra) => dropout({ rate: 0.3, ...extra }), [{ shape: [4, 5] }], {
  output: [4, 5],
  refused: [],
  trainingDiffers: true,
  // The noise of the last steps stays in the weights.
  overfit: 0.2,
});

layerTest((extra) => dropout({ rate: 0, ...extra }), [{ shape: [3] }], { title: "Dropout of rate 0", output: [3], refused: [] });

layerTest((extra) => dropout({ rate: 0.3, noiseShape: [null, 1, null], ...extra }), [{ shape: [4, 3] }], {
  title: "Dropout of whole slices",
  output: [4, 3],
  refused: [[[4]]],
  trainingDiffers: true,
  overfit: 0.3,
});

const DRAWS = 200_000;

/** What a layer makes of ones while training, from the key of one step. */
function trained(layer: Layer, shape: readonly number[], step = 0): Tensor {
  const key = dataTensor(Uint32Array.from(foldIn(keyOf(7), step)));
  const x = dataTensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), "float32", shape);
  return layer.call(new ModelTrace({ training: true, key }), [{ value: x }])[0]!.value;
}

async function floatsOf(tensor: Tensor): Promise<Float32Array> {
  return (await tensor.data()) as Float32Array;
}

describe("Dropout", () => {
  // A share of n draws deviates by √(p (1 − p) / n), and the mean of x / (1 − p) by 1 / (1 − p) of
  // that. A correct layer is beyond 5 deviations in 6 of 10⁷ keys; the key here is fixed.
  it.each([0.1, 0.5, 0.9])("sets a share of %f to zero and keeps the mean", async (rate) => {
    const y = await floatsOf(trained(dropout({ rate }), [DRAWS / 100, 100]));
    const deviation = Math.sqrt((rate * (1 - rate)) / DRAWS);
    const zeros = y.filter((value) => value === 0).length / DRAWS;
    expect(Math.abs(zeros - rate)).toBeLessThan(5 * deviation);
    // A float32 of the scale errs by 6e-8, far below the deviation of 1e-3.
    expect(Math.abs(meanOf(y) - 1)).toBeLessThan((5 * deviation) / (1 - rate));
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  });

  it("draws neighbours independently", async () => {
    const y = await floatsOf(trained(dropout({ rate: 0.5 }), [DRAWS / 100, 100]));
    for (const lag of [1, 2, 100]) {
      const both = y.filter((value, i) => i + lag < DRAWS && value === 0 && y[i + lag] === 0).length;
      // Of n − lag pairs a quarter; again within 5 deviations of independent pairs.
      const pairs = DRAWS - lag;
      expect(Math.abs(both / pairs - 0.25), `lag ${lag}`).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / pairs));
    }
  });

  it("is the identity outside of training", async () => {
    const model = sequential([input([3]), dropout({ rate: 0.9 })]);
    expect(await (await model.predict([[1, -2, 3]])).toArray()).toEqual([[1, -2, 3]]);
  });

  it("passes the gradient where it passed the value, with the same scale", async () => {
    const x = dataTensor(new Float32Array(60).fill(2), "float32", [3, 20]);
    const ones = dataTensor(new Float32Array(60).fill(1), "float32", [3, 20]);
    const key = dataTensor(Uint32Array.of(3, 4));
    const y = dropout({ rate: 0.4 }).call(new ModelTrace({ training: true, key }), [{ value: x }])[0]!.value;
    const [slope] = gradients([y], [ones], [x]);
    expect(await slope!.data()).toEqual((await floatsOf(y)).map((value) => value / 2));
  });

  it("draws the same for the same key and layer, and anew for another step, layer or use", async () => {
    const make = (name: string): Layer => dropout({ rate: 0.5, name });
    const draw = async (name: string, step: number): Promise<string> => (await floatsOf(trained(make(name), [200], step))).join();
    const first = await draw("a", 0);
    expect(await draw("a", 0)).toBe(first);
    expect(await draw("a", 1)).not.toBe(first);
    expect(await draw("b", 0)).not.toBe(first);
    const layer = make("a");
    const trace = new ModelTrace({ training: true, key: dataTensor(Uint32Array.of(1, 2)) });
    const x = { value: dataTensor(new Float32Array(200).fill(1)) };
    const [one, two] = [layer.call(trace, [x])[0]!.value, layer.call(trace, [x])[0]!.value];
    expect(await one.data()).not.toEqual(await two.data());
  });

  it("trains to the same bits from the same seed, and to others from another", async () => {
    const train = async (seed: number): Promise<string> => {
      const model = sequential([input([4]), dropout({ rate: 0.5 }), dense({ units: 1 })], { seed: 1 });
      model.compile({ optimizer: "adam", loss: "meanSquaredError" });
      const x = { data: Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)), shape: [16, 4] };
      await model.fit({ x, y: { data: new Float32Array(16), shape: [16, 1] } }, { epochs: 3, batchSize: 4, shuffle: false, seed, verbose: "silent" });
      return (await model.variables[0]!.read()).join();
    };
    const first = await train(1);
    expect(await train(1)).toBe(first);
    expect(await train(2)).not.toBe(first);
  });

  it("drops whole slices along axes of noiseShape that are 1", async () => {
    const y = await floatsOf(trained(dropout({ rate: 0.5, noiseShape: [null, 1] }), [64, 8]));
    const rows = Array.from({ length: 64 }, (_, i) => new Set(y.subarray(i * 8, i * 8 + 8)));
    expect(rows.every((values) => values.size === 1)).toBe(true);
    expect(new Set(y).size).toBe(2);
  });

  it.each([1, -0.1, Number.NaN, undefined])("refuses the rate %s", (rate) => {
    expect(mistake(() => dropout({ rate: rate as number }))).toMatchObject({ code: "BAD_ARGUMENT", where: "dropout, option rate" });
  });
});
