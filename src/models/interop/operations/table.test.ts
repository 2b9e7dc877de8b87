import { expect, test } from "vitest";
import "../../../testing/engine.js";
import { tensor } from "../../../tensor/convert.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { OPERATIONS } from "./table.js";

const run = (name: string, options: object, ...args: unknown[]): Tensor => OPERATIONS[name]!({ ...options }, ...args) as Tensor;

test("what is made like a tensor has the dtype that the file names, or the tensor's", () => {
  const x = tensor([0.5, 1]);
  expect(["OnesLike", "ZerosLike"].map((name) => run(name, { dtype: "bool" }, x).dtype)).toEqual(["bool", "bool"]);
  expect(run("OnesLike", { dtype: null }, x).dtype).toBe("float32");
});

test("tensors of several dtypes are joined, and added, in the one that holds all", async () => {
  const [whole, real, byte] = [tensor([1, 2], { dtype: "int32" }), tensor([0.5, 1.5]), tensor([200, 100], { dtype: "uint8" })];
  expect(await run("Concatenate", { axis: 0 }, [whole, real]).toArray()).toEqual([1, 2, 0.5, 1.5]);
  const sum = run("Add", {}, byte, tensor([-1, -2], { dtype: "int8" }));
  expect(sum.dtype).toBe("int32");
  expect(await sum.toArray()).toEqual([199, 98]);
});
