import { describe, expect, test } from "vitest";
import { gradients } from "../../autodiff/gradients.js";
import { barrier } from "../../autodiff/barrier.js";
import { EngineCompiler } from "../../engine/compile.js";
import { type Graph, trace } from "../../graph/graph.js";
import { verifyGraph } from "../../graph/verify.js";
import "../../ops/methods.js";
import { gelu } from "../../ops/nn/gelu.js";
import { where } from "../../ops/elementwise/where.js";
import { concat } from "../../ops/shape/concat.js";
import { onesLike } from "../../ops/shape/fill.js";
import { keyOf, normals } from "../../random/host.js";
import type { Tensor } from "../../tensor/tensor.js";
import { testEngine } from "../../testing/engine.js";
import { applyRules, type Rule } from "../rule.js";
import { gemm } from "./gemm.js";
import { gradientsFirst } from "./gradientsFirst.js";
import { livenessOf } from "./liveness.js";
import { recompute } from "./recompute.js";

const DEPTH = 4;
const WIDTH = 16;

/** Gradients of layers whose products are narrow and whose values take `rows` × 64 bytes each. */
function network(rows: number): Graph {
  const sizes = [[rows / 4, 4, WIDTH], ...Array.from({ length: DEPTH }, () => [WIDTH, WIDTH])];
  return trace(
    ([x, ...weights]) => {
      const h = weights.reduce((y: Tensor, w) => {
        const active = gelu(y.matmul(w));
        return active.sub(active.mean({ axes: -1, keepDims: true })).mul(1.5);
      }, x!);
      const loss = h.square().mean();
      return gradients([loss], [onesLike(loss)], weights).map((g) => g!);
    },
    sizes.map((shape, i) => ({ name: `x${i}`, shape, dtype: "float32" })),
  );
}

const ROWS = 2 ** 17;
const all = [gemm, gradientsFirst, recompute];
const bytesOf = (graph: Graph): number => livenessOf(graph, 0)!.bytes;
const barriers = (graph: Graph): number => graph.nodes.filter(({ op }) => op === barrier).length;

describe("programs that take much memory", () => {
  const graph = network(ROWS);
  const plain = applyRules(graph, [gemm]);

  test("what is cheap is computed again, and gradients come before the backward pass goes on", () => {
    const lean = applyRules(graph, all);
    verifyGraph(lean);
    expect(bytesOf(lean)).toBeLessThan(0.75 * bytesOf(plain));
    // One gradient for each weight but the first, which the backward pass ends with.
    expect(barriers(applyRules(graph, [gemm, gradientsFirst]))).toBe(DEPTH - 1);
    expect(applyRules(graph, [gemm, recompute]).nodes.length).toBeGreaterThan(plain.nodes.length);
  });

  test("the numbers are the same to the bit", async () => {
    const feeds = graph.inputs.map(({ shape }, i) => normals(keyOf(i), shape.reduce<number>((n, dim) => n * (dim as number), 1)).map((v) => v / 4));
    const results = async (rules: readonly Rule[]): Promise<unknown[]> => {
      const compiled = await new EngineCompiler(testEngine, async () => rules).compile(graph);
      return Promise.all((await compiled.run(feeds)).map((output) => output.read()));
    };
    const expected = await results([gemm]);
    for (const rules of [all, [gemm, gradientsFirst], [gemm, recompute]]) expect(await results(rules)).toEqual(expected);
  });
});

test("what is computed for its truth or its place is not waited for", async () => {
  // Truth values are used beside what is computed again, and places of the largest elements leave the program.
  const graph = trace(
    ([x, w]) => {
      const h = x!.matmul(w!);
      const cheap = h.mul(2);
      const widest = concat([cheap, cheap, h], -1).sum({ axes: -1, keepDims: true });
      const chosen = where(h.greater(widest), cheap, 0);
      return [h.argMax(-1), chosen.matmul(w!.transpose()).sum()];
    },
    [{ name: "x", shape: [2 ** 17, 4], dtype: "float32" }, { name: "w", shape: [4, 64], dtype: "float32" }],
  );
  const feeds = graph.inputs.map(({ shape }, i) => normals(keyOf(i), shape.reduce<number>((n, dim) => n * (dim as number), 1)));
  const results = async (rules: readonly Rule[]): Promise<unknown[]> => {
    const compiled = await new EngineCompiler(testEngine, async () => rules).compile(graph);
    return Promise.all((await compiled.run(feeds)).map((output) => output.read()));
  };
  const expected = await results([]);
  for (const rules of [[gradientsFirst], [recompute]]) expect(await results(rules)).toEqual(expected);
});

test("programs that take little stay as they are", () => {
  const graph = network(1024);
  expect(applyRules(graph, all).nodes.length).toBe(applyRules(graph, [gemm]).nodes.length);
});

test("a value lives from its node to its last user, in whatever shape", () => {
  const graph = trace(
    ([x]) => {
      const a = x!.add(1); // lives until the last line
      const b = a.reshape([4]).sum(); // 4 bytes
      const c = x!.mul(2).mul(b); // two of 16 bytes at once, beside a and b
      return [c.add(a)];
    },
    [{ name: "x", shape: [2, 2], dtype: "float32" }],
  );
  const liveness = livenessOf(graph, 0)!;
  const names = graph.nodes.map(({ op }) => op.name);
  const a = graph.nodes[names.indexOf("add")]!.outputs[0]!;
  expect(liveness.users(a).map((place) => names[place])).toEqual(["sum", "add"]);
  expect(graph.nodes[liveness.fullest]!.op.name).toBe("mul");
});
