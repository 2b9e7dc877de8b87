import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { layers, Model, type PredictData, sequential, tensor } from "../index.js";
import { fromArrays, fromRows } from "../data/index.js";

/** Three numbers in, twice their values out: what comes out tells which row went in. */
function doubling(): Model {
  return sequential([layers.input([3]), layers.rescaling({ scale: 2 })]);
}

const rows = Array.from({ length: 7 }, (_, i) => [3 * i, 3 * i + 1, 3 * i + 2]);
const expected = rows.map((row) => row.map((value) => 2 * value));

describe("predict", () => {
  const kinds: [string, () => PredictData][] = [
    ["nested arrays", () => rows],
    ["a tensor", () => tensor(rows)],
    ["an expression", () => tensor(rows).mul(1)],
    ["a tensor of whole numbers", () => tensor(rows, { dtype: "int32" })],
    ["a flat typed array", () => Float32Array.from(rows.flat())],
    ["a typed array of another kind", () => Float64Array.from(rows.flat())],
    ["a flat array with its shape", () => ({ data: Uint8Array.from(rows.flat()), shape: [7, 3] })],
    ["an object by name", () => ({ input: rows })],
    ["an object of tensors by name", () => ({ input: tensor(rows) })],
    ["a dataset", () => fromArrays({ inputs: rows, labels: rows.map(() => 0) })],
    [
      "a stream",
      () => fromRows(() => rows.map((row) => ({ any: row })), { columns: { any: { dtype: "float32", shape: [3] } }, inputs: ["any"] }),
    ],
  ];
  for (const [title, data] of kinds) {
    it(`takes ${title}, and joins batches in order`, async () => {
      for (const batchSize of [3, 7, 100]) {
        const result = await doubling().predict(data(), { batchSize });
        expect([result.shape, result.dtype]).toEqual([[7, 3], "float32"]);
        expect(await result.toArray()).toEqual(expected);
      }
    });
  }

  it("takes one row, and refuses none", async () => {
    expect(await (await doubling().predict([[1, 2, 3]])).toArray()).toEqual([[2, 4, 6]]);
    const empty: [string, PredictData][] = [
      ["an empty list", []],
      ["an empty tensor", tensor(new Float32Array(0), { shape: [0, 3] })],
      ["an empty typed array", new Float32Array(0)],
      ["an empty dataset", fromArrays({ inputs: rows }).take(0)],
    ];
    for (const [, data] of empty) await expect(doubling().predict(data)).rejects.toMatchObject({ code: "BAD_DATA" });
  });

  it("knows an input that is called data", async () => {
    const x = layers.input([3], { name: "data" });
    const model = new Model({ inputs: x, outputs: layers.rescaling({ scale: 2 })(x) });
    expect(await (await model.predict({ data: Float32Array.from(rows.flat()) })).toArray()).toEqual(expected);
    expect(await (await model.predict({ data: rows })).toArray()).toEqual(expected);
  });

  it("refuses a number of elements that is no whole number of rows, and several inputs in one array", async () => {
    await expect(doubling().predict(new Float32Array(7))).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
      expected: "a multiple of 3 elements, for rows of shape [3]",
    });
    const [a, b] = [layers.input([1], { name: "a" }), layers.input([1], { name: "b" })];
    const model = new Model({ inputs: [a, b], outputs: layers.add()([a, b]) });
    await expect(model.predict([[1]])).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "predict" });
    await expect(doubling().predict([[1, 2, 3]], { batchsize: 3 } as never)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
  });

  it("does not train: dropout and batch normalisation are in their inference forms", async () => {
    const model = sequential([layers.input([3]), layers.dropout({ rate: 0.9 }), layers.batchNormalization({ epsilon: 0 })]);
    expect(await (await model.predict(rows)).toArray()).toEqual(rows);
    expect(await model.variables[2]!.read()).toEqual(new Float32Array(3));
  });
});
