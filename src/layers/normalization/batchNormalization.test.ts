import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import { sgd } from "../../optimizers/index.js";
import type { TypedArray } from "../../tensor/dtype.js";
import { expectClose, floats, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf, varianceOf } from "../../testing/statistics.js";
import { dense } from "../core/dense.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { add } from "../merging/elementwise.js";
import { batchNormalization } from "./batchNormalization.js";

const weights = { gamma: [3], beta: [3], movingMean: [3], movingVariance: [3] };

// At this momentum the running statistics follow the batch's within the steps that the test trains.
layerTest((extra) => batchNormalization({ momentum: 0.5, ...extra }), [{ shape: [4, 3] }], {
  output: [4, 3],
  weights,
  trainingDiffers: true,
  refused: [[[4, 2]]],
});

layerTest((extra) => batchNormalization({ axis: 1, scale: false, momentum: 0.5, ...extra }), [{ shape: [3, 2, 2] }], {
  title: "BatchNormalization of axis 1, without gamma",
  output: [3, 2, 2],
  weights: { beta: [3], movingMean: [3], movingVariance: [3] },
  trainingDiffers: true,
  refused: [[[2, 2, 2]]],
});

/** Rounding of sums of a few dozen terms of size 1 in float32. */
const TOLERANCE = 1e-6;

const ROWS = 8;
const x = floats(ROWS * 3, 1);
const columns = [0, 1, 2].map((c) => x.filter((_, i) => i % 3 === c));

/** One step of training at rate 0 on the given rows, or many. */
async function trained(layer: Layer, steps: number): Promise<TypedArray[]> {
  const model = sequential([input([3]), layer, dense({ units: 1 })]);
  model.compile({ optimizer: sgd({ learningRate: 0 }), loss: "meanSquaredError" });
  const set = { x: { data: x, shape: [ROWS, 3] }, y: { data: new Float32Array(ROWS), shape: [ROWS, 1] } };
  await model.fit(set, { epochs: steps, batchSize: ROWS, shuffle: false, verbose: "silent" });
  return Promise.all(layer.variables.slice(2).map((variable) => variable.read()));
}

describe("BatchNormalization", () => {
  it("moves its statistics towards the batch's mean and biased variance", async () => {
    const [mean, variance] = await trained(batchNormalization({ momentum: 0.9 }), 2);
    // After two steps 0.9² of the first value is left.
    expectClose(mean as Float32Array, columns.map((c) => 0.19 * meanOf(c)), TOLERANCE);
    expectClose(variance as Float32Array, columns.map((c) => 0.81 + 0.19 * varianceOf(c)), TOLERANCE);
  });

  it("normalises by the running statistics in inference, to mean 0 and variance 1 once they have settled", async () => {
    const layer = batchNormalization({ momentum: 0, epsilon: 1e-6 });
    await trained(layer, 1);
    const y = (await (await sequential([input([3]), layer]).predict(x)).data()) as Float32Array;
    for (const c of [0, 1, 2]) {
      const column = y.filter((_, i) => i % 3 === c);
      expect(Math.abs(meanOf(column))).toBeLessThan(TOLERANCE);
      // ε takes 1e-6 / σ², with σ² about 1/3.
      expect(Math.abs(varianceOf(column) - 1)).toBeLessThan(1e-5);
    }
  });

  it("does not move its statistics, nor use the batch's, while it is frozen", async () => {
    const [mean, variance] = await trained(batchNormalization({ trainable: false }), 3);
    expect(mean).toEqual(new Float32Array(3));
    expect(variance).toEqual(new Float32Array(3).fill(1));
    // At rate 0 the training loss of a frozen layer is the loss of inference.
    const model = sequential([input([3]), batchNormalization({ trainable: false }), dense({ units: 1 })]);
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: "meanSquaredError" });
    const set = { x: { data: x, shape: [ROWS, 3] }, y: { data: floats(ROWS, 2), shape: [ROWS, 1] } };
    const { loss } = await model.trainOnBatch(set);
    expectClose([loss!], [(await model.evaluate(set)).loss!], TOLERANCE);
  });

  it("leaves masked steps out of the batch's statistics", async () => {
    const table = embedding({ inputDim: 4, outputDim: 2, maskZero: true, trainable: false });
    const layer = batchNormalization({ momentum: 0 });
    const model = sequential([input([3], { dtype: "int32" }), table, layer, dense({ units: 1 })]);
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: "meanSquaredError" });
    table.variables[0]!.assign([100, -100, 1, 5, 2, 7, 6, 9]);
    await model.trainOnBatch({ x: { data: Int32Array.of(1, 2, 0, 3, 0, 0), shape: [2, 3] }, y: { data: new Float32Array(6), shape: [2, 3, 1] } });
    const [mean, variance] = await Promise.all(layer.variables.slice(2).map((variable) => variable.read()));
    // Of the ids 1, 2 and 3: the row of id 0 would move both far.
    expectClose(mean as Float32Array, [meanOf([1, 2, 6]), meanOf([5, 7, 9])], TOLERANCE);
    expectClose(variance as Float32Array, [varianceOf([1, 2, 6]), varianceOf([5, 7, 9])], TOLERANCE);
  });

  it("goes on from the statistics that an earlier call of the same step left", async () => {
    const layer = batchNormalization({ momentum: 0.5 });
    const [a, b] = [input([1], { name: "a" }), input([1], { name: "b" })];
    const model = new Model({ inputs: [a, b], outputs: add()([layer(a), layer(b)]) }).compile({ optimizer: sgd({ learningRate: 0 }), loss: "mse" });
    await model.trainOnBatch({ x: { a: [[1], [3]], b: [[10], [20]] }, y: [[0], [0]] });
    const [mean, variance] = await Promise.all(layer.variables.slice(2).map((variable) => variable.read()));
    // (0 + 2) / 2 = 1, then (1 + 15) / 2; (1 + 1) / 2 = 1, then (1 + 25) / 2.
    expectClose([mean![0] as number, variance![0] as number], [8, 13], 1e-5);
  });

  it("refuses a momentum above 1 and an axis that is not there", () => {
    expect(mistake(() => batchNormalization({ momentum: 1.5 })).where).toBe("batchNormalization, option momentum");
    expect(mistake(() => batchNormalization({ axis: 4 })(input([3])))).toMatchObject({ code: "SHAPE_MISMATCH" });
  });
});
