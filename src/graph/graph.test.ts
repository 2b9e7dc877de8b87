import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import "../ops/methods.js";
import { tensor } from "../tensor/convert.js";
import { Tensor } from "../tensor/tensor.js";
import { getCompiler } from "./compiler.js";
import { graphOf, leavesOf, nodesOf, placeholder, trace } from "./graph.js";
import { nodeOf, shapeError, withScope } from "./node.js";

const names = (nodes: readonly { readonly op: { readonly name: string } }[]): string[] => nodes.map((node) => node.op.name);

describe("a graph", () => {
  it("lists nodes after those they need, each once", () => {
    const x = placeholder([2], "float32", "x");
    const y = x.exp();
    const z = y.add(y).mul(y.neg());
    expect(names(graphOf([x], [z, y]).nodes)).toEqual(["exp", "add", "neg", "mul"]);
  });

  it("ends at inputs, and at values that are known", async () => {
    const x = tensor([1, 2]);
    const hidden = x.exp();
    const y = hidden.neg();
    expect(names(nodesOf([y]))).toEqual(["exp", "neg"]);
    expect(names(graphOf([hidden], [y]).nodes)).toEqual(["neg"]);
    await hidden.data();
    expect(names(nodesOf([y]))).toEqual(["neg"]);
    expect(leavesOf(graphOf([], [y]))).toEqual([hidden]);
  });

  it("finds captured data, also where an output is one", () => {
    const x = placeholder([2], "float32", "x");
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    expect(leavesOf(graphOf([x], [x.add(a).mul(a), b]))).toEqual([a, b]);
    expect(leavesOf(graphOf([x], [x.add(1)]))).toEqual([]);
  });

  it("goes through chains that would overflow a recursive walk", () => {
    let x: Tensor = placeholder([], "float32", "x");
    const start = x;
    for (let i = 0; i < 20_000; i++) x = x.neg();
    expect(graphOf([start], [x]).nodes).toHaveLength(20_000);
  });

  it("is traced from specs", async () => {
    const graph = trace(([a, b]) => [a!.matmul(b!)], [
      { name: "a", shape: [2, 2], dtype: "float32" },
      { name: "b", shape: [2, 1], dtype: "float32" },
    ]);
    const [result] = await (await getCompiler().compile(graph)).run([Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)]);
    expect(await result!.read()).toEqual(Float32Array.of(17, 39));
  });
});

describe("a scope", () => {
  it("marks the nodes made in it, whatever happens inside", () => {
    const x = placeholder([2], "float32", "x");
    const inner = withScope("block", () => withScope("dense", () => x.exp()));
    expect(nodeOf(inner)!.scope).toBe("block/dense");
    expect(() =>
      withScope("block", () => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(nodeOf(x.exp())!.scope).toBe("");
  });

  it("names the place of a shape error", () => {
    const act = (): never => withScope("head", () => {
      throw shapeError("matmul", "equal inner axes", [[2, 3], ["batch", 4]], "transpose one of them");
    });
    expect(act).toThrow("matmul in head: expected equal inner axes, received [2, 3] and [batch, 4]. Fix: transpose one of them");
  });
});
