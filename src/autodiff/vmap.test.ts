import { describe, expect, it } from "vitest";
import "../ops/methods.js";
import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import { grad } from "./grad.js";
import { vmap } from "./vmap.js";

const x = tensor([[1, 2], [3, 4], [5, 6]]);

describe("vmap", () => {
  it("applies to each example, for nested arguments and results", async () => {
    const f = vmap(({ a, b }: { a: Tensor; b: Tensor }) => ({ sum: a.add(b), dot: a.matmul(b) }));
    const { sum, dot } = f({ a: x, b: x.mul(2) });
    expect(await sum.toArray()).toEqual([[3, 6], [9, 12], [15, 18]]);
    expect(await dot.toArray()).toEqual([10, 50, 122]);
  });

  it("takes axes apart, and passes whole what has none", async () => {
    const columns = vmap((column: Tensor, shift: Tensor) => column.add(shift), { inAxes: [1, null], outAxis: 1 });
    expect(await columns(x, tensor([10, 20, 30])).toArray()).toEqual([[11, 12], [23, 24], [35, 36]]);
  });

  it("gives a gradient for each example", async () => {
    const each = vmap(grad((row: Tensor) => row.prod()));
    expect(await each(x).toArray()).toEqual([[2, 1], [4, 3], [6, 5]]);
  });

  it("has a gradient", async () => {
    const f = (t: Tensor): Tensor => vmap((row: Tensor) => row.square().sum())(t).mul(tensor([1, 10, 100])).sum();
    expect(await grad(f)(x).toArray()).toEqual([[2, 4], [60, 80], [1000, 1200]]);
  });

  it("refuses axes of different size, and none", () => {
    const pair = vmap((a: Tensor, b: Tensor) => a.add(b));
    expect(() => pair(x, tensor([1, 2]))).toThrow(/one size of at least 1, received 3, 2/);
    expect(() => vmap((a: Tensor) => a, { inAxes: [null] })(x)).toThrow(/no mapped tensor/);
  });
});
