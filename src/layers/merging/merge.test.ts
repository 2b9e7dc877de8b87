import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { dataTensor } from "../../tensor/convert.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { add, concatenate } from "./merge.js";

layerTest((extra) => add(extra), [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2, 1] }], {
  output: [2, 3],
  refused: [[[2, 3], [2, 4], [2, 1]], [[2, 3]]],
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
    ["joined features are valid where all are", concatenate(), [true, true], [[1, 0, 0]]],
    ["joined features with an unmasked input keep the mask", concatenate(), [true, false], [[1, 0, 0]]],
    ["joined times join their masks", concatenate({ axis: 1 }), [true, true], [[1, 0, 0, 1, 1, 0]]],
    ["an unmasked time is valid", concatenate({ axis: 1 }), [false, true], [[1, 1, 1, 1, 1, 0]]],
    ["no masks, no mask", concatenate(), [false, false], [[1, 1, 1]]],
  ])("%s", async (_what, merge, masked, wanted) => {
    expect(await maskOf(merge, masked)).toEqual(wanted);
  });
});

describe("Concatenate", () => {
  it("refuses the batch axis", () => {
    const error = mistake(() => concatenate({ axis: -2 })([input([3]), input([3])]));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.where).toMatch(/^concatenate .*, option axis$/);
  });
});
