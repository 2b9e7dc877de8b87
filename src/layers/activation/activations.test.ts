import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import { elu } from "./elu.js";
import { leakyReLU } from "./leakyReLU.js";
import { prelu } from "./prelu.js";
import { relu } from "./relu.js";
import { softmax } from "./softmax.js";

layerTest((extra) => leakyReLU(extra), [{ shape: [4] }], { output: [4], refused: [] });
layerTest((extra) => elu({ alpha: 0.5, ...extra }), [{ shape: [4] }], { output: [4], refused: [] });
layerTest((extra) => relu({ maxValue: 0.7, negativeSlope: 0.1, threshold: 0.2, ...extra }), [{ shape: [4, 3] }], { output: [4, 3], refused: [] });
layerTest((extra) => softmax({ axis: [1, 2], ...extra }), [{ shape: [2, 3] }], { output: [2, 3], refused: [[[3]]] });
layerTest((extra) => prelu({ alphaInitializer: "ones", ...extra }), [{ shape: [2, 3] }], {
  output: [2, 3],
  weights: { alpha: [2, 3] },
  refused: [[[2, 2]], [[6]]],
});
layerTest((extra) => prelu({ sharedAxes: [1, 2], ...extra }), [{ shape: [2, 3, 2] }], {
  title: "PReLU with a slope a channel",
  output: [2, 3, 2],
  weights: { alpha: [1, 1, 2] },
  refused: [[[2, 3, 3]], [[2, 2]]],
});

describe("activations as layers", () => {
  it.each([
    [leakyReLU(), [-0.6, -0.15, 0.5, 2]],
    [elu({ alpha: 2 }), [2 * (Math.exp(-2) - 1), 2 * (Math.exp(-0.5) - 1), 0.5, 2]],
    [relu(), [0, 0, 0.5, 2]],
    [relu({ maxValue: 1, negativeSlope: 0.5, threshold: 1 }), [-1.5, -0.75, -0.25, 1]],
    [prelu({ sharedAxes: 1, alphaInitializer: "ones" }), [-2, -0.5, 0.5, 2]],
  ])("%s", async (layer, wanted) => {
    const y = await sequential([input([4]), layer]).predict([[-2, -0.5, 0.5, 2]]);
    // A few roundings of numbers of size 2.
    expectClose((await y.data()) as Float32Array, wanted, 1e-6);
  });

  it.each([
    [() => leakyReLU({ negativeSlope: -1 }), "negativeSlope"],
    [() => relu({ maxValue: -1 }), "maxValue"],
    [() => relu({ threshold: -1 }), "threshold"],
    [() => elu({ alpha: Number.NaN }), "alpha"],
    [() => prelu({ sharedAxes: 0 }), "sharedAxes"],
  ])("refuses a wrong option", (make, option) => {
    expect(mistake(make).where).toMatch(new RegExp(`, option ${option}$`));
  });

  it("refuses a shared axis that is not there", () => {
    expect(mistake(() => prelu({ sharedAxes: [3] })(input([2, 2])))).toMatchObject({ code: "SHAPE_MISMATCH" });
  });
});

describe("Softmax", () => {
  it("sums to 1 over all its axes", async () => {
    const y = await sequential([input([2, 3]), softmax({ axis: [1, 2] })]).predict([[[0, 1, 2], [3, 4, 5]]]);
    const total = [0, 1, 2, 3, 4, 5].reduce((sum, v) => sum + Math.exp(v), 0);
    expectClose((await y.data()) as Float32Array, [0, 1, 2, 3, 4, 5].map((v) => Math.exp(v) / total), 1e-6);
  });

  it("leaves masked steps out, and gives nothing where all are masked", async () => {
    const ids = input([3], { dtype: "int32" });
    const table = embedding({ inputDim: 4, outputDim: 1, maskZero: true });
    const model = new Model({ inputs: ids, outputs: softmax({ axis: 1 })(table(ids)) });
    table.variables[0]!.assign([50, 0, Math.log(3), 0]);
    const y = await model.predict(dataTensor([[1, 2, 0], [0, 0, 0]], "int32"));
    expectClose((await y.data()) as Float32Array, [0.25, 0.75, 0, 0, 0, 0], 1e-6);
  });
});
