import { expect, it } from "vitest";
import "../testing/engine.js";
import { fromBytes, layers, sequential } from "../index.js";

const column = (...values: number[]): number[][] => values.map((value) => [value]);

it("weights of samples count in the metrics that ask for it", async () => {
  const model = sequential([layers.input([1]), layers.dense({ units: 1, kernelInitializer: "ones" })]).compile({
    optimizer: "sgd",
    loss: "mse",
    metrics: ["mae"],
    weightedMetrics: ["mae", "mse"],
  });
  const data = { x: column(1, 2, 3), y: column(2, 4, 6), sampleWeight: [1, 0, 4] };
  const results = await model.evaluate(data);
  // Absolute errors 1, 2, 3: (1·1 + 0·2 + 4·3) / 5; squared ones (1 + 36) / 5. Roundings of 2⁻²⁴.
  expect(results.mae).toBe(2);
  expect(results.weighted_mae).toBeCloseTo(13 / 5, 5);
  expect(results.mse).toBeCloseTo(37 / 5, 5);
  expect(await (await fromBytes(await model.toBytes())).evaluate(data)).toEqual(results);
});
