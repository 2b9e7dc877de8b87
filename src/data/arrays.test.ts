import { expect, test } from "vitest";
import { tensor } from "../tensor/convert.js";
import { type FromArraysOptions, fromArrays } from "./arrays.js";

test("one array each gets the names input and label", async () => {
  const data = fromArrays({ inputs: [[0, 0.5], [1, 2]], labels: [0, 1], name: "xor" });
  expect(data.inputs).toEqual(["input"]);
  expect(data.columns).toEqual({ input: { dtype: "float32", shape: [2] }, label: { dtype: "int32", shape: [] } });
  expect(await data.head()).toEqual([
    { input: Float32Array.of(0, 0.5), label: 0 },
    { input: Float32Array.of(1, 2), label: 1 },
  ]);
});

test("objects name their columns, shaped arrays keep memory and type", async () => {
  const pixels = new Uint8Array(2 * 4 * 4);
  const data = fromArrays({
    inputs: { image: { data: pixels, shape: [2, 4, 4] }, age: Float64Array.of(3, 4) },
    labels: { kind: Uint8Array.of(1, 0), box: [[0.5, 1], [2, 3]] },
    sampleWeight: [1, 2],
  });
  expect(data.columns).toEqual({
    image: { dtype: "uint8", shape: [4, 4] },
    age: { dtype: "float32", shape: [] },
    kind: { dtype: "int32", shape: [] },
    box: { dtype: "float32", shape: [2] },
    sampleWeight: { dtype: "float32", shape: [] },
  });
  expect([data.labels, data.sampleWeight]).toEqual([["kind", "box"], "sampleWeight"]);
});

test("labels: whole numbers become int32, typed floats and one-hot stay, names become codes", async () => {
  const label = (labels: NonNullable<FromArraysOptions["labels"]>) => fromArrays({ inputs: [1, 2, 3], labels }).columns["label"];
  expect(label([3, 4, 5])).toEqual({ dtype: "int32", shape: [] });
  expect(label([3, 4, 5.5])).toEqual({ dtype: "float32", shape: [] });
  expect(label(Float32Array.of(1, 2, 3))).toEqual({ dtype: "float32", shape: [] });
  expect(label(BigInt64Array.of(1n, 2n, 3n))).toEqual({ dtype: "int32", shape: [] });
  expect(label([[1, 0], [0, 1], [1, 0]])).toEqual({ dtype: "float32", shape: [2] });
  expect(label([true, false, true])).toEqual({ dtype: "bool", shape: [] });
  const named = fromArrays({ inputs: [1, 2, 3], labels: ["cat", "ant", "cat"] });
  expect(named.classNames).toEqual(["ant", "cat"]);
  expect([...(await named.column("label")).data]).toEqual([1, 0, 1]);
});

test.each<[name: string, options: FromArraysOptions, code: string, message: string]>([
  ["different numbers of rows", { inputs: [[1], [2]], labels: [0] }, "BAD_DATA", '"label": expected 2 rows as in "input", received 1'],
  ["no rows", { inputs: [] }, "BAD_DATA", "expected rows"],
  ["no inputs", { inputs: {} }, "BAD_DATA", "expected rows"],
  ["ragged rows", { inputs: [[1, 2], [3]] }, "SHAPE_MISMATCH", 'fromArrays "input"'],
  ["a shape that does not fit", { inputs: { data: new Float32Array(5), shape: [2, 2] } }, "SHAPE_MISMATCH", 'fromArrays "input"'],
  ["a NaN label", { inputs: [1, 2], labels: [0, NaN] }, "BAD_DATA", "element 1: expected a finite number"],
  ["a label beyond the classes", { inputs: [1, 2], labels: [0, 2], classNames: ["a", "b"] }, "LABEL_RANGE", "row 1: expected one of the 2 classes, received 2"],
  ["a negative label", { inputs: [1, 2], labels: [0, -1], classNames: ["a", "b"] }, "LABEL_RANGE", "received -1"],
  ["a name that is no class", { inputs: [1, 2], labels: ["a", "c"], classNames: ["a", "b"] }, "LABEL_RANGE", 'received "c"'],
  ["a name used twice", { inputs: { x: [1] }, labels: { x: [1] } }, "BAD_ARGUMENT", '"x" twice'],
  ["a tensor", { inputs: tensor([[1], [2]]) as unknown as number[] }, "BAD_ARGUMENT", "await its values"],
  ["text inputs", { inputs: ["a"] as unknown as number[] }, "BAD_ARGUMENT", 'received the text "a" in row 0'],
])("refuses %s", (_name, options, code, message) => {
  expect(() => fromArrays(options)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }) as Error);
});
