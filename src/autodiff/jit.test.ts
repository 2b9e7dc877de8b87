import { afterAll, beforeEach, describe, expect, it } from "vitest";
import "../testing/engine.js";
import "../ops/methods.js";
import { type Compiler, getCompiler, setCompiler } from "../graph/compiler.js";
import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import { grad } from "./grad.js";
import { jit } from "./jit.js";

const real = getCompiler();
let compiled = 0;
const counting: Compiler = {
  compile: (graph) => {
    compiled++;
    return real.compile(graph);
  },
  freeze: (...args) => real.freeze(...args),
  upload: (data, dtype, shape) => real.upload(data, dtype, shape),
  release: (value) => real.release(value),
};

beforeEach(() => {
  setCompiler(counting);
  compiled = 0;
});
afterAll(() => setCompiler(real));

describe("jit", () => {
  it("compiles once a shape and dtype, whatever the values", async () => {
    const double = jit((x: Tensor) => x.mul(2));
    expect(compiled).toBe(0);
    expect(await (await double(tensor([1, 2]))).toArray()).toEqual([2, 4]);
    expect(await (await double(tensor([3, 4]))).toArray()).toEqual([6, 8]);
    expect(compiled).toBe(1);
    await double(tensor([[1, 2]]));
    await double(tensor([1, 2], { dtype: "int32" }));
    expect(compiled).toBe(3);
    await Promise.all([double(tensor([5, 6])), double(tensor([[1, 2]])), double(tensor([7, 8, 9])), double(tensor([7, 8, 9]))]);
    expect(compiled).toBe(4);
  });

  it("takes numbers as inputs, and strings and booleans as part of the function", async () => {
    const f = jit((x: Tensor, rate: number, mode: string | null | undefined, on: boolean | string) =>
      x.mul(rate).add(mode === "ten" ? 10 : 0).add(on === true ? 100 : 0),
    );
    const x = tensor([1]);
    const run = async (...args: [number, string | null | undefined, boolean | string]): Promise<number> => (await f(x, ...args)).item();
    expect([await run(2, "ten", false), await run(3, "ten", false)]).toEqual([12, 13]);
    expect(compiled).toBe(1);
    expect([await run(2, "one", false), await run(2, "ten", true)]).toEqual([2, 112]);
    expect(compiled).toBe(3);
    // "true" is not true, nor is "null" null.
    expect([await run(2, "one", "true"), await run(2, null, false), await run(2, "null", false), await run(2, undefined, false)]).toEqual([2, 2, 2, 2]);
    expect(compiled).toBe(7);
  });

  it("tells arrays from objects with the same places, and empty ones apart", async () => {
    const count = jit((tree: readonly Tensor[] | Record<string, Tensor>) => ({
      isArray: Array.isArray(tree),
      sum: Object.values(tree).reduce((sum, x) => sum.add(x), tensor(0)),
    }));
    expect((await count([tensor(1)])).isArray).toBe(true);
    expect((await count({ 0: tensor(1) })).isArray).toBe(false);
    expect((await count([])).isArray).toBe(true);
    expect((await count({})).isArray).toBe(false);
  });

  it("takes and returns nested objects and arrays, with what is no tensor as it was", async () => {
    const step = jit((state: { w: Tensor; slots: [Tensor, { m: Tensor }]; name: string }) => ({
      w: state.w.sub(1),
      slots: [state.slots[1].m, { m: state.slots[0] }],
      name: `${state.name}!`,
      steps: 3,
      none: null,
    }));
    const result = await step({ w: tensor([5]), slots: [tensor(1), { m: tensor(2) }], name: "a" });
    expect([await result.w.toArray(), await (result.slots[0] as Tensor).item(), await (result.slots[1] as { m: Tensor }).m.item()]).toEqual([[4], 2, 1]);
    expect([result.name, result.steps, result.none]).toEqual(["a!", 3, null]);
  });

  it("returns an argument as it is, a tensor twice, and nothing at all", async () => {
    const same = jit((x: Tensor) => [x, x, x.add(1)]);
    expect(await Promise.all((await same(tensor([1, 2]))).map((t) => t.toArray()))).toEqual([[1, 2], [1, 2], [2, 3]]);
    expect(await jit((_x: Tensor) => ({ done: true }))(tensor([1]))).toEqual({ done: true });
    expect(await (await jit(() => tensor([1]).add(1))()).toArray()).toEqual([2]);
  });

  it("runs expressions among its arguments first", async () => {
    const x = tensor([1, 2]).add(1);
    expect(await (await jit((a: Tensor) => a.mul(a))(x)).toArray()).toEqual([4, 9]);
    expect(x.value).toBeDefined();
  });

  it("keeps data that it captured, also when they come from an earlier run", async () => {
    const held = await jit((x: Tensor) => x.mul(10))(tensor([1, 2]));
    const add = jit((x: Tensor) => x.add(held).add(tensor([100, 200])));
    expect(await (await add(tensor([1, 1]))).toArray()).toEqual([111, 221]);
    expect(await (await add(tensor([2, 2]))).toArray()).toEqual([112, 222]);
    expect(compiled).toBe(2);
  });

  it("is the same function as without it, also with gradients inside and outside", async () => {
    const f = (w: Tensor, x: Tensor): Tensor => x.matmul(w).tanh().square().sum();
    const [w, x] = [tensor([[0.5], [-0.25]]), tensor([[1, 2], [3, 4]])];
    const eager = await grad(f)(w, x).data();
    expect(await (await jit(grad(f))(w, x)).data()).toEqual(eager);
    const hessian = jit((a: Tensor, b: Tensor) => grad((c: Tensor) => grad(f)(c, b).square().sum())(a));
    expect(await (await hessian(w, x)).data()).toEqual(await grad((c: Tensor) => grad(f)(c, x).square().sum())(w).data());
  });

  it("trains: a step of its own, whose state is donated", async () => {
    const step = jit(
      (state: { w: Tensor }, x: Tensor, rate: number) => {
        const gradient = grad(({ w }: { w: Tensor }) => x.mul(w).sub(6).square().mean())(state);
        return { w: state.w.sub(gradient.w.mul(rate)) };
      },
      { donate: [0] },
    );
    let state = await step({ w: tensor([0, 0]) }, tensor([2, 3]), 0.05);
    const old = state;
    for (let i = 0; i < 200; i++) state = await step(state, tensor([2, 3]), 0.05);
    const [a, b] = (await state.w.toArray()) as number[];
    // The steps shrink the error by at least 1 − 0.05 · 4 each: after 200 of them float32 is the limit.
    expect([a!.toFixed(4), b!.toFixed(4)]).toEqual(["3.0000", "2.0000"]);
    expect(compiled).toBe(1);
    await expect(old.w.data()).rejects.toMatchObject({ code: "STALE_STATE" });
    await expect(step(old, tensor([2, 3]), 0.05)).rejects.toMatchObject({ code: "STALE_STATE" });
    // Nothing but the state was given up.
    const x = await jit((t: Tensor) => t.add(0))(tensor([2, 3]));
    await step(state, x, 0.05);
    expect(await x.toArray()).toEqual([2, 3]);
  });

  it("forgets the least recently used shape, and compiles it anew", async () => {
    const f = jit((x: Tensor) => x.add(1), { cacheSize: 2 });
    for (const size of [1, 2, 1, 3, 1, 2]) await f(tensor(new Float32Array(size)));
    // 1, 2, 3 at their first use, and 2 once more, which was the oldest when 3 came.
    expect(compiled).toBe(4);
    expect(() => jit((x: Tensor) => x, { cachesize: 1 } as never)).toThrow(/did you mean "cacheSize"/);
  });

  it("passes on errors of the function, each time it is called", async () => {
    const broken = jit((x: Tensor) => x.matmul(tensor([[1, 2]])));
    for (let i = 0; i < 2; i++) await expect(broken(tensor([[1, 2]]))).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
    expect(compiled).toBe(0);
    const mine = jit((_x: Tensor): Tensor => {
      throw new RangeError("mine");
    });
    await expect(mine(tensor([1]))).rejects.toThrow(RangeError);
  });

  it("refuses to read a value inside, and functions that wait", async () => {
    let inside: Promise<unknown> | undefined;
    await jit((x: Tensor) => {
      inside = x.data();
      inside.catch(() => undefined);
      return x;
    })(tensor([1]));
    await expect(inside).rejects.toMatchObject({ code: "TRACED_VALUE" });
    const waits = jit((async (x: Tensor) => tensor(await x.item())) as never);
    await expect((waits as (x: Tensor) => Promise<unknown>)(tensor([1]))).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "jit" });
  });

  it("refuses operators and comparisons of JavaScript on a traced number", async () => {
    const branch = jit((x: Tensor, limit: number) => (limit > 3 ? x : x.neg()));
    await expect(branch(tensor([1]), 5)).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "tensor []" });
  });

  it("refuses a tensor that was kept from another trace", async () => {
    let leaked: Tensor | undefined;
    await jit((x: Tensor) => (leaked = x.add(1)))(tensor([1]));
    await expect(leaked!.data()).rejects.toMatchObject({ code: "TRACED_VALUE" });
    await expect(jit((x: Tensor) => x.add(leaked!))(tensor([1]))).rejects.toMatchObject({ code: "TRACED_VALUE" });
  });

  it("refuses arguments that are neither tensors nor plain data", async () => {
    const f = jit((x: unknown) => x) as (x: unknown) => Promise<unknown>;
    for (const bad of [new Float32Array(2), new Map(), () => 1, 3n, Symbol("a"), new Date()]) {
      await expect(f({ deep: [bad] })).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "argument deep.0" });
    }
  });
});
