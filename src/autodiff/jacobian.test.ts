import { describe, expect, it } from "vitest";
import "../ops/methods.js";
import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import { hessian, jacobian } from "./jacobian.js";

describe("jacobian", () => {
  it("of a linear map is its matrix", async () => {
    const m = tensor([[1, 2, 3], [4, 5, 6]]);
    const found = jacobian((x: Tensor, a: Tensor) => a.matmul(x))(tensor([1, 1, 1]), m);
    expect(await found.toArray()).toEqual(await m.toArray());
  });

  it("has the shape of the result, then of the argument", async () => {
    const found = jacobian((x: Tensor) => x.mul(2).transpose())(tensor([[1, 2, 3], [4, 5, 6]]));
    expect(found.shape).toEqual([3, 2, 2, 3]);
    const values = (await found.toArray()) as number[][][][];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 2; j++) {
        expect(values[i]![j]).toEqual([0, 1].map((a) => [0, 1, 2].map((b) => (a === j && b === i ? 2 : 0))));
      }
    }
  });

  it("of a scalar is its gradient, of what does not depend on x zeros, of nothing empty", async () => {
    expect(await jacobian((x: Tensor) => x.square().sum())(tensor([1, 2])).toArray()).toEqual([2, 4]);
    expect(await jacobian(() => tensor([1, 2]))(tensor([5])).toArray()).toEqual([[0], [0]]);
    expect(jacobian((x: Tensor) => x.slice([0], [0]))(tensor([1, 2])).shape).toEqual([0, 2]);
  });
});

describe("hessian", () => {
  it("of a quadratic form is its matrix, symmetric", async () => {
    const m = tensor([[2, 1], [1, 6]]);
    expect(await hessian((x: Tensor) => x.matmul(m).matmul(x).mul(0.5))(tensor([3, -1])).toArray()).toEqual([[2, 1], [1, 6]]);
  });

  it("of a product holds at zeros", async () => {
    const found = await hessian((x: Tensor) => x.prod())(tensor([0, 0, 5])).toArray();
    expect(found).toEqual([[0, 5, 0], [5, 0, 0], [0, 0, 0]]);
  });
});
