import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { layers, sequential } from "../index.js";

describe("a mask", () => {
  it("leaves steps out of loss and mean metrics, as in Keras", async () => {
    const steps = [
      [[0.65, 0.82], [0.7, 0.64], [0, 0], [0, 0]],
      [[0.52, 0.75], [0.54, 0.99], [1.06, 0.48], [0.89, 0.63]],
      [[0.67, 1.03], [0, 0], [0, 0], [0, 0]],
    ];
    const head = layers.dense({ units: 2, activation: "softmax" });
    const model = sequential([layers.input([4, 2]), layers.masking(), layers.timeDistributed({ layer: head })]).compile({
      optimizer: "sgd",
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy", "sparseCategoricalCrossentropy"],
    });
    model.initialize();
    model.variables[0]!.assign([1, -1, -0.5, 0.5]);
    model.variables[1]!.assign([0.1, 0.1]);
    const results = await model.evaluate({ x: steps, y: [[0, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 1]] }, { batchSize: 2 });
    // Keras 3.15 on the same numbers; rounding of float32 is some 1e-7.
    expect(results.accuracy).toBeCloseTo(3 / 7, 6);
    expect(results.loss).toBeCloseTo(0.8906487822532654, 5);
    expect(results.sparseCategoricalCrossentropy).toBeCloseTo(0.9879450798034668, 5);
  });
});
