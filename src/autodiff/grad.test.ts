import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import "../ops/methods.js";
import { NacreError } from "../error.js";
import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import { grad, valueAndGrad } from "./grad.js";

const square = (x: Tensor): Tensor => x.square().sum();

/** The tree with each tensor's values in its place. */
async function values(tree: unknown): Promise<unknown> {
  if (tree === null || typeof tree !== "object") return tree;
  if (Array.isArray(tree)) return Promise.all(tree.map(values));
  if ("toArray" in tree) return (tree as Tensor).toArray();
  return Object.fromEntries(await Promise.all(Object.entries(tree).map(async ([key, item]) => [key, await values(item)])));
}

describe("grad", () => {
  it("is ∂f/∂x of the first argument", async () => {
    expect(await grad(square)(tensor([1, 2, -3])).toArray()).toEqual([2, 4, -6]);
    const f = (w: Tensor, x: Tensor): Tensor => x.matmul(w).square().sum();
    // d/dw Σ(xw)² = 2 xᵀ(xw), with xw = [[5], [11]]
    expect(await grad(f)(tensor([[1], [2]]), tensor([[1, 2], [3, 4]])).toArray()).toEqual([[76], [108]]);
  });

  it("follows nested objects and arrays, numbers among them, and leaves other things alone", async () => {
    interface Tree {
      layers: { w: Tensor; b: number }[];
      mode: string;
      on: boolean;
      none: null;
    }
    const f = ({ layers, mode }: Tree, scale: Tensor): Tensor =>
      layers.reduce((sum, { w, b }) => sum.add(w.square().sum().mul(b)), tensor(0)).mul(mode === "double" ? scale : 0);
    const tree: Tree = { layers: [{ w: tensor([1, 2]), b: 3 }, { w: tensor([[4]]), b: 5 }], mode: "double", on: true, none: null };
    const gradient = grad(f)(tree, tensor(2));
    expect(await values(gradient)).toEqual({
      layers: [{ w: [12, 24], b: 10 }, { w: [[80]], b: 32 }],
      mode: "double",
      on: true,
      none: null,
    });
  });

  it("differentiates by the arguments of argnums, in their order", async () => {
    const f = (a: Tensor, b: Tensor, c: Tensor): Tensor => a.mul(b).mul(c).sum();
    const [dc, da] = grad(f, { argnums: [2, 0] })(tensor([2]), tensor([3]), tensor([5]));
    expect([await dc!.item(), await da!.item()]).toEqual([6, 15]);
    for (const argnum of [3, -1, 0.5]) {
      expect(() => grad(f, { argnums: [argnum] })(tensor([2]), tensor([3]), tensor([5]))).toThrow(NacreError);
    }
  });

  it("tells two uses of one tensor apart", async () => {
    const x = tensor([3]);
    const f = (a: Tensor, b: Tensor): Tensor => a.square().mul(b).sum();
    // Not the sum of both derivatives, 9 + 18.
    expect(await grad(f)(x, x).toArray()).toEqual([18]);
    expect(await values(grad(f, { argnums: [0, 1] })(x, x))).toEqual([[18], [9]]);
  });

  it("can be taken of itself", async () => {
    const cube = (x: Tensor): Tensor => x.pow(3).sum();
    const second = grad((x: Tensor) => grad(cube)(x).sum());
    const third = grad((x: Tensor) => second(x).sum());
    expect(await second(tensor([2, 5])).toArray()).toEqual([12, 30]);
    expect(await third(tensor([2, 5])).toArray()).toEqual([6, 6]);
    // A Hessian times a vector: f = (x·y)², ∂/∂x (∂f/∂y) = 4xy
    const mixed = grad((x: Tensor, y: Tensor) => grad((b: Tensor) => x.mul(b).square().sum())(y).sum());
    expect(await mixed(tensor([3]), tensor([5])).toArray()).toEqual([60]);
  });

  it("is zero where the result does not depend on an input", async () => {
    const f = ({ a }: { a: Tensor; b: Tensor }): Tensor => a.sum();
    expect(await values(grad(f)({ a: tensor([1, 1]), b: tensor([[7]]) }))).toEqual({ a: [1, 1], b: [[0]] });
    expect(await grad((x: Tensor) => x.stopGradient().mul(x).sum())(tensor([3])).toArray()).toEqual([3]);
  });

  it("gives null for whole numbers beside floating-point ones, and refuses them alone", async () => {
    const f = ({ x, ids }: { x: Tensor; ids: Tensor }): Tensor => x.gather(ids).sum();
    expect(await values(grad(f)({ x: tensor([1, 2, 3]), ids: tensor([2, 2, 0], { dtype: "int32" }) }))).toEqual({ x: [1, 0, 2], ids: null });
    expect(() => grad((x: Tensor) => x.cast("float32").sum())(tensor([1], { dtype: "int32" }))).toThrow(/floating-point/);
  });

  it("refuses what is no scalar, and says what came", () => {
    const cases: [() => unknown, string][] = [
      [() => grad((x: Tensor) => x)(tensor([1, 2])), "float32 [2]"],
      [() => grad((x: Tensor) => x.sum().cast("int32"))(tensor([1])), "int32 []"],
      [() => grad((() => 3) as never)(tensor([1])), "number"],
      [() => grad((async (x: Tensor) => (await x.data()).length) as never)(tensor([1])), "a promise"],
    ];
    for (const [act, received] of cases) expect(act).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH", where: "grad", received }));
  });

  it("refuses typed arrays and instances as arguments, with the way to wrap them", () => {
    expect(() => grad(((x: Tensor) => x.sum()) as never)(new Float32Array(2))).toThrow(/tensor\(…\)/);
    expect(() => grad(square, { argnum: 1 } as never)).toThrow(/did you mean "argnums"/);
  });
});

describe("valueAndGrad", () => {
  it("gives both", async () => {
    const { value, grad: gradient } = valueAndGrad(square)(tensor([3, 4]));
    expect([await value.item(), await gradient.toArray()]).toEqual([25, [6, 8]]);
    const both = valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).sum(), { argnums: [0, 1] })(tensor([2]), tensor([5]));
    expect(await values(both)).toEqual({ value: 10, grad: [[5], [2]] });
  });
});
