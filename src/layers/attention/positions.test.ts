import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, floats, jitter, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "../core/input.js";
import { add } from "../merging/elementwise.js";
import { positionEmbedding, rotaryEmbedding, sineCosinePosition } from "./positions.js";

layerTest((extra) => rotaryEmbedding(extra), [{ shape: [3, 2, 4] }], { output: [3, 2, 4], refused: [[[3, 2, 3]], [[4]]] });

layerTest((extra) => rotaryEmbedding({ sequenceAxis: -1, featureAxis: 1, scalingFactor: 2, ...extra }), [{ shape: [4, 3] }], {
  title: "RotaryEmbedding with the features before the steps",
  output: [4, 3],
  refused: [[[3, 3]]],
});

describe("PositionEmbedding", () => {
  it("is a trained row for each position, whatever the input", async () => {
    const x = input([2, 3]);
    const layer = positionEmbedding({ sequenceLength: 4 });
    const model = new Model({ inputs: x, outputs: [layer(x), layer(x, { startIndex: 2 })] }).compile({ optimizer: "sgd", loss: ["mse", "mse"] });
    layer.variables[0]!.assign(Float32Array.from({ length: 12 }, (_, i) => i));
    const [first, later] = await model.predictAll(dataTensor(floats(6, 1), "float32", [1, 2, 3]));
    expect(await first!.toArray()).toEqual([[[0, 1, 2], [3, 4, 5]]]);
    expect(await later!.toArray()).toEqual([[[6, 7, 8], [9, 10, 11]]]);
    await model.trainOnBatch({ x: [[[0, 0, 0], [0, 0, 0]]], y: { output: [[[0, 1, 2], [3, 4, 5]]], output_1: [[[0, 0, 0], [0, 0, 0]]] } });
    const after = (await layer.variables[0]!.read()) as Float32Array;
    expect(Array.from(after.slice(0, 6))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(after[11]).toBeLessThan(11);
  });

  it("refuses longer sequences", () => {
    expect(mistake(() => positionEmbedding({ sequenceLength: 2 })(input([3, 4])))).toMatchObject({ code: "SHAPE_MISMATCH", received: "3" });
  });
});

describe("SinePositionEncoding", () => {
  it("alternates sines and cosines of falling frequency", async () => {
    const x = input([2, 4]);
    const model = new Model({ inputs: x, outputs: sineCosinePosition({ maxWavelength: 100 })(x, { startIndex: 1 }) });
    const found = (await (await model.predict(dataTensor(floats(8, 1), "float32", [1, 2, 4]))).data()) as Float32Array;
    expectClose(found, [1, 2].flatMap((t) => [Math.sin(t), Math.cos(t), Math.sin(t / 10), Math.cos(t / 10)]), 1e-6);
  });

  it("is fixed, and there to be added", async () => {
    const x = input([2, 4]);
    const model = new Model({ inputs: x, outputs: add()([x, sineCosinePosition()(x)]) });
    expect(model.variables).toEqual([]);
    expect((await model.predict([[[0, 0, 0, 0], [0, 0, 0, 0]]])).shape).toEqual([1, 2, 4]);
    expect(mistake(() => sineCosinePosition({ maxWavelength: 0 })).where).toBe("sinePositionEncoding, option maxWavelength");
  });
});

describe("RotaryEmbedding", () => {
  it("makes products depend on the distance alone", async () => {
    const x = input([6, 4]);
    const model = new Model({ inputs: x, outputs: rotaryEmbedding()(x) });
    jitter(model);
    const [q, k] = [floats(4, 1), floats(4, 2)];
    // The query at steps 0 to 2, the key three steps later.
    const rows = [q, q, q, k, k, k].flatMap((row) => Array.from(row));
    const turned = ((await (await model.predict(dataTensor(rows, "float32", [1, 6, 4]))).toArray()) as number[][][])[0]!;
    const product = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const [d0, d1, d2] = [0, 1, 2].map((t) => product(turned[t]!, turned[t + 3]!));
    expect(d1).toBeCloseTo(d0!, 5);
    expect(d2).toBeCloseTo(d0!, 5);
    expect(product(turned[0]!, turned[4]!)).not.toBeCloseTo(d0!, 3);
  });

  it("turns features i and i + C / 2 together", async () => {
    const x = input([2, 4]);
    const model = new Model({ inputs: x, outputs: rotaryEmbedding({ maxWavelength: 100 })(x) });
    const found = (await (await model.predict([[[0, 0, 0, 0], [1, 2, 0, 0]]])).data()) as Float32Array;
    expectClose(found.slice(4), [Math.cos(1), 2 * Math.cos(0.1), Math.sin(1), 2 * Math.sin(0.1)], 1e-6);
  });
});
