import { describe, expect, it } from "vitest";
import "../ops/methods.js";
import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import { customGradient } from "./customGradient.js";
import { grad } from "./grad.js";
import { jacobian } from "./jacobian.js";

describe("customGradient", () => {
  it("sends back what the rule says and nothing through f", async () => {
    const f = customGradient((x: Tensor, y: Tensor) => x.mul(y), (g, { inputs: [x, y], output }) => [g.mul(10).mul(y), g.mul(output).add(x)]);
    const [dx, dy] = grad((x: Tensor, y: Tensor) => f(x, y).sum(), { argnums: [0, 1] })(tensor([1, 2]), tensor([3, 4]));
    expect(await f(tensor([1, 2]), tensor([3, 4])).toArray()).toEqual([3, 8]);
    expect(await dx.toArray()).toEqual([30, 40]);
    expect(await dy.toArray()).toEqual([4, 10]);
  });

  it("can be differentiated twice: by the rule, then through it", async () => {
    const cube = customGradient((x: Tensor) => x.pow(3), (g, { inputs: [x] }) => [g.mul(x.square())]);
    const second = grad((x: Tensor) => grad((y: Tensor) => cube(y).sum())(x).sum());
    expect(await second(tensor([2, 5])).toArray()).toEqual([4, 10]);
  });

  it("gives zeros for null", async () => {
    const f = customGradient((x: Tensor) => x.square(), () => [null]);
    expect(await grad((x: Tensor) => f(x).sum())(tensor([2, 3])).toArray()).toEqual([0, 0]);
  });

  it("refuses cotangents of another shape, saying which", () => {
    const f = customGradient((x: Tensor) => x.square(), (g) => [g.sum()]);
    expect(() => grad((x: Tensor) => f(x).sum())(tensor([2, 3]))).toThrow(/operands' shapes, \[2\], received \[\]/);
  });

  it("serves jacobian, which asks it several times", async () => {
    const f = customGradient((x: Tensor) => x.square(), (g) => [g.mul(7)]);
    expect(await jacobian(f)(tensor([1, 2])).toArray()).toEqual([[7, 0], [0, 7]]);
  });
});
