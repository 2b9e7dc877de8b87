import { describe, expect, it } from "vitest";
import { fromBytes } from "../../models/load.js";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import { dataTensor } from "../../tensor/convert.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { embedding } from "./embedding.js";
import { input } from "./input.js";

layerTest((extra) => embedding({ inputDim: 6, outputDim: 3, ...extra }), [{ shape: [5], ids: 6 }], {
  output: [5, 3],
  weights: { embeddings: [6, 3] },
  refused: [],
});

describe("Embedding", () => {
  const ids = dataTensor([[3, 1, 0, 0], [2, 0, 5, 0]], "int32");

  it.each([
    [true, [[1, 1, 0, 0], [1, 0, 1, 0]]],
    [false, [[1, 1, 1, 1], [1, 1, 1, 1]]],
  ])("with maskZero %s hands on the mask of steps that are not 0", async (maskZero, steps) => {
    const model = sequential([input([4], { dtype: "int32" }), embedding({ inputDim: 6, outputDim: 3, maskZero }), maskReader()]);
    expect(await (await model.predict(ids)).toArray()).toEqual(steps);
    expect(await (await (await fromBytes(await model.toBytes())).predict(ids)).toArray()).toEqual(steps);
  });

  it("marks the symbolic tensor as masked", () => {
    const x = input([4], { dtype: "int32" });
    expect(embedding({ inputDim: 6, outputDim: 3, maskZero: true })(x).masked).toBe(true);
    expect(embedding({ inputDim: 6, outputDim: 3 })(x).masked).toBe(false);
  });

  it("looks up the row of each id", async () => {
    const x = input([4], { dtype: "int32" });
    const layer = embedding({ inputDim: 6, outputDim: 2 });
    const model = new Model({ inputs: x, outputs: layer(x) });
    layer.variables[0]!.assign(Array.from({ length: 12 }, (_, i) => i));
    expect(await (await model.predict(ids)).toArray()).toEqual([
      [[6, 7], [2, 3], [0, 1], [0, 1]],
      [[4, 5], [0, 1], [10, 11], [0, 1]],
    ]);
  });

  it("sums the gradients of a repeated id before the update", async () => {
    const layer = embedding({ inputDim: 3, outputDim: 1, embeddingsInitializer: "zeros" });
    const model = sequential([input([2], { dtype: "int32" }), layer]).compile({ optimizer: "sgd", loss: "meanSquaredError" });
    // Loss ½ · ((w₁ − 1)² + (w₁ − 1)²) at w = 0: the gradient of w₁ is −2, the rate of sgd 0.01.
    await model.trainOnBatch({ x: { data: Int32Array.of(1, 1), shape: [1, 2] }, y: { data: Float32Array.of(1, 1), shape: [1, 2, 1] } });
    expect(Array.from((await layer.variables[0]!.read()) as Float32Array)).toEqual([0, Math.fround(0.02), 0]);
  });

  it("asks for its sizes", () => {
    expect(mistake(() => embedding({ inputDim: 0, outputDim: 3 })).where).toBe("embedding, option inputDim");
    expect(mistake(() => embedding({ inputDim: 3 } as never)).fix).toBe("give outputDim in the layer's options");
  });
});
