import { expect, test } from "vitest";
import "../../testing/engine.js";
import { importOnnx } from "../../index.js";
import { type ModelProto, encodeModel } from "../../onnx/proto.js";

const port = (name: string, dtype: "float32" | "bool", shape: readonly (number | string)[]) => ({ name, dtype, shape }) as const;

const attention: ModelProto = {
  irVersion: 10,
  opsetImports: [{ domain: "", version: 23 }],
  producerName: "",
  producerVersion: "",
  metadata: {},
  graph: {
    name: "g",
    nodes: [{ name: "a", opType: "Attention", domain: "", inputs: ["q", "k", "v", "seen"], outputs: ["y"], attributes: [] }],
    initializers: [],
    inputs: [port("q", "float32", ["n", 1, 2, 4]), port("k", "float32", ["n", 1, 3, 4]), port("v", "float32", ["n", 1, 3, 4]), port("seen", "bool", ["n", 1, 2, 3])],
    outputs: [port("y", "float32", ["n", 1, 2, 4])],
  },
};

test("a query that sees no key gets zeros, as in ONNX Runtime, and the others their means", async () => {
  const model = await importOnnx(encodeModel(attention));
  const ones = (steps: number) => ({ data: new Float32Array(4 * steps).fill(1), shape: [1, 1, steps, 4] });
  const seen = { data: Uint8Array.of(0, 0, 0, 1, 0, 1), shape: [1, 1, 2, 3], dtype: "bool" } as const;
  const v = { data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [1, 1, 3, 4] };
  const y = await model.predict({ q: ones(2), k: ones(3), v, seen });
  expect(Array.from(await y.data(), Number)).toEqual([0, 0, 0, 0, 4, 5, 6, 7]);
});
