import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { concatenate } from "./concatenate.js";
import { dot } from "./dot.js";
import { add, average, maximum, minimum, multiply, subtract } from "./elementwise.js";

layerTest((extra) => add(extra), [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2, 1] }], {
  output: [2, 3],
  refused: [[[2, 3], [2, 4], [2, 1]], [[2, 3]]],
});

for (const make of [multiply, average, maximum, minimum]) {
  layerTest((extra) => make(extra), [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [3] }], {
    output: [2, 3],
    refused: [[[2, 3], [2, 4], [3]], [[2, 3]]],
    // Differences do not tell which of two nearly equal values is the larger.
    differences: make === maximum || make === minimum ? "none" : "float64",
  });
}

layerTest((extra) => subtract(extra), [{ shape: [2, 3] }, { shape: [1, 3] }], {
  output: [2, 3],
  refused: [[[2, 3], [2, 4]], [[2, 3]], [[2, 3], [2, 3], [2, 3]]],
});

layerTest((extra) => dot({ axes: [1, 2], normalize: true, ...extra }), [{ shape: [3, 2] }, { shape: [2, 3] }], {
  output: [2, 2],
  refused: [[[3, 2], [2, 2]], [[3, 2]], [[3, 2], [2]]],
});

layerTest((extra) => dot({ axes: -1, ...extra }), [{ shape: [2, 2, 3] }, { shape: [3] }], {
  title: "Dot with a vector",
  output: [2, 2],
  refused: [[[2, 2, 2], [3]]],
});

layerTest((extra) => concatenate(extra), [{ shape: [2, 3] }, { shape: [2, 1] }], {
  output: [2, 4],
  refused: [[[2, 3], [3, 3]], [[2, 3], [3]], [[2, 3]]],
});

layerTest((extra) => concatenate({ axis: 1, ...extra }), [{ shape: [2, 3] }, { shape: [1, 3] }], {
  title: "Concatenate along time",
  output: [3, 3],
  refused: [[[2, 3], [2, 4]]],
});

describe("a product of masked sequences", () => {
  it.each<[string, readonly boolean[], readonly number[]]>([
    ["is 0 where no step is valid, and otherwise of the valid ones", [true, true], [6, 2, 3, 0]],
    ["counts 1 for a masked step beside an input without a mask", [true, false], [6, 14, 3, 7]],
  ])("%s", async (_what, masked, wanted) => {
    const ids = masked.map(() => input([4], { dtype: "int32" }));
    const tables = masked.map((maskZero) => embedding({ inputDim: 4, outputDim: 1, maskZero }));
    const model = new Model({ inputs: ids, outputs: multiply()(tables.map((table, i) => table(ids[i]!))) });
    model.initialize(1);
    for (const { variables } of tables) variables[0]!.assign([7, 1, 2, 3]);
    const [a, b] = [[2, 2, 0, 0], [3, 0, 3, 0]].map((row) => dataTensor(row, "int32", [1, 4]));
    expect((await (await model.predict({ [model.inputNames[0]!]: a!, [model.inputNames[1]!]: b! })).data())).toEqual(Float32Array.from(wanted));
  });
});

describe("merged masks", () => {
  /** The mask of a merge of two embedded sequences, of which only some are masked. */
  async function maskOf(merge: Layer, masked: readonly boolean[]): Promise<unknown> {
    const ids = masked.map(() => input([3], { dtype: "int32" }));
    const merged = merge(ids.map((x, i) => embedding({ inputDim: 4, outputDim: 2, maskZero: masked[i]! })(x)));
    const model = new Model({ inputs: ids, outputs: maskReader()(merged) });
    const data = [dataTensor([[1, 0, 0]], "int32"), dataTensor([[1, 2, 0]], "int32")];
    return (await model.predict(Object.fromEntries(model.inputNames.map((name, i) => [name, data[i]!])))).toArray();
  }

  it.each([
    ["a sum's step is valid where it is in any input", add(), [true, true], [[1, 1, 0]]],
    ["a sum with an unmasked input has no mask", add(), [true, false], [[1, 1, 1]]],
    ["a largest step is valid where it is in any input", maximum(), [true, true], [[1, 1, 0]]],
    ["joined features are valid where all are", concatenate(), [true, true], [[1, 0, 0]]],
    ["joined features with an unmasked input keep the mask", concatenate(), [true, false], [[1, 0, 0]]],
    ["joined times join their masks", concatenate({ axis: 1 }), [true, true], [[1, 0, 0, 1, 1, 0]]],
    ["an unmasked time is valid", concatenate({ axis: 1 }), [false, true], [[1, 1, 1, 1, 1, 0]]],
    ["no masks, no mask", concatenate(), [false, false], [[1, 1, 1]]],
  ])("%s", async (_what, merge, masked, wanted) => {
    expect(await maskOf(merge, masked)).toEqual(wanted);
  });
});

describe("elementwise merges", () => {
  it.each([
    [add(), [11, 22, 36]],
    [subtract(), [9, 18, 24]],
    [multiply(), [10, 40, 180]],
    [average(), [5.5, 11, 18]],
    [maximum(), [10, 20, 30]],
    [minimum(), [1, 2, 6]],
  ])("%s", async (layer, wanted) => {
    const [a, b] = [input([3]), input([3])];
    const model = new Model({ inputs: [a, b], outputs: layer([a, b]) });
    const [left, right] = model.inputNames as [string, string];
    expect(await (await model.predict({ [left]: [[10, 20, 30]], [right]: [[1, 2, 6]] })).toArray()).toEqual([wanted]);
  });

  it("line inputs of fewer axes up with the last ones, sample by sample", async () => {
    const [a, b] = [input([2, 1]), input([1])];
    const model = new Model({ inputs: [a, b], outputs: add()([a, b]) });
    const [left, right] = model.inputNames as [string, string];
    const y = await model.predict({ [left]: [[[1], [2]], [[3], [4]]], [right]: [[10], [20]] });
    expect(await y.toArray()).toEqual([[[11], [12]], [[23], [24]]]);
  });

  it.each([
    [maximum(), [[[3], [2], [4]]]],
    [minimum(), [[[2], [2], [4]]]],
  ])("%s looks at valid steps only", async (layer, wanted) => {
    const ids = [input([3], { dtype: "int32" }), input([3], { dtype: "int32" })];
    const tables = ids.map(() => embedding({ inputDim: 5, outputDim: 1, maskZero: true }));
    const model = new Model({ inputs: ids, outputs: layer(ids.map((x, i) => tables[i]!(x))) });
    // Each id stands for itself, but the masked id 0 for a number beyond all others.
    tables.forEach((table, i) => table.variables[0]!.assign([i === 0 ? 100 : -100, 1, 2, 3, 4]));
    const data = [dataTensor([[3, 2, 0]], "int32"), dataTensor([[2, 0, 4]], "int32")];
    const y = await model.predict(Object.fromEntries(model.inputNames.map((name, i) => [name, data[i]!])));
    expect(await y.toArray()).toEqual(wanted);
  });
});

describe("Dot", () => {
  it.each([
    [false, [[11, 0]]],
    // (1, 2) and (3, 4): 11 / √(5 · 25); a zero vector stays one.
    [true, [[11 / Math.sqrt(125), 0]]],
  ])("gives products, or cosines where normalize is %s", async (normalize, wanted) => {
    const [a, b] = [input([2]), input([2, 2])];
    const model = new Model({ inputs: [a, b], outputs: dot({ axes: [1, 2], normalize })([a, b]) });
    const [left, right] = model.inputNames as [string, string];
    const y = (await (await model.predict({ [left]: [[1, 2]], [right]: [[[3, 4], [0, 0]]] })).data()) as Float32Array;
    expectClose(y, wanted[0]!, 1e-6);
  });

  it("keeps an axis of two vectors", () => {
    expect(dot({ axes: 1 })([input([3]), input([3])]).shape).toEqual(["batch", 1]);
  });

  it.each([[0], [[1, 0]], [[1]], [1.5], [undefined]])("refuses the axes %j", (axes) => {
    expect(mistake(() => dot({ axes: axes as number })).where).toBe("dot, option axes");
  });

  it("refuses the batch axis by its other name", () => {
    expect(mistake(() => dot({ axes: [-2, 1] })([input([3]), input([3])])).code).toBe("BAD_ARGUMENT");
  });
});

describe("Concatenate", () => {
  it("refuses the batch axis", () => {
    const error = mistake(() => concatenate({ axis: -2 })([input([3]), input([3])]));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.where).toMatch(/^concatenate .*, option axis$/);
  });
});
