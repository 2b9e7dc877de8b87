import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { type Graph, graphOf, nodesOf, placeholder } from "../graph/graph.js";
import { eliminateCommonSubexpressions } from "../graph/passes/cse.js";
import { verifyGraph } from "../graph/verify.js";
import { emitModel } from "../onnx/emit.js";
import { decodeModel, encodeModel } from "../onnx/proto.js";
import "../ops/methods.js";
import { randomUniform } from "../ops/random/draws.js";
import { constant } from "../ops/elementwise/literal.js";
import { dataTensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import { expectDerivatives } from "../testing/differences.js";
import "../testing/engine.js";
import { plainRun } from "../testing/plainRun.js";
import { checkpoint } from "./checkpoint.js";
import { grad, valueAndGrad } from "./grad.js";
import { jit } from "./jit.js";

const X = { data: Float32Array.of(0.3, -0.7, 1.1, 0.2), shape: [2, 2], dtype: "float32" } as const;
const W = { data: Float32Array.of(0.5, 0.1, -0.4, 0.9), shape: [2, 2], dtype: "float32" } as const;

const block = (x: Tensor, w: Tensor): Tensor => x.matmul(w).tanh().matmul(w).tanh();

/** Two blocks and their gradients with respect to x and to w, which the blocks capture. */
function gradientGraph(wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor): Graph {
  const [x, w] = [placeholder([2, 2], "float32", "x"), placeholder([2, 2], "float32", "w")];
  const loss = (a: Tensor, weights: Tensor): Tensor => {
    const one = wrap((h) => block(h, weights));
    const two = wrap((h) => block(h, weights));
    return two(one(a)).sum();
  };
  const { value, grad: gradients } = valueAndGrad(loss, { argnums: [0, 1] })(x, w);
  return graphOf([x, w], [value, ...gradients]);
}

const plain = gradientGraph((f) => f);
const recomputed = gradientGraph((f) => checkpoint(f));

/** How many Tanh a model has after all of ONNX Runtime's optimizers. */
async function tanhsAfterOptimizing(graph: Graph): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "nacre-"));
  try {
    const file = join(folder, "optimized.onnx");
    const options = { graphOptimizationLevel: "extended", optimizedModelFilePath: file, logSeverityLevel: 3 } as const;
    const session = await ort.InferenceSession.create(encodeModel(emitModel(graph)), options);
    await session.release();
    return decodeModel(readFileSync(file)).graph.nodes.filter(({ opType }) => opType === "Tanh").length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("checkpoint", () => {
  it("gives the same gradients, of what it captures too", async () => {
    const [expected, found] = [await plainRun(plain, [X, W]), await plainRun(recomputed, [X, W])];
    // Both blocks' gradients of w are summed in another order, which rounds otherwise.
    expected.forEach(({ data }, i) =>
      data.forEach((value: number | bigint, j: number) => expect(Number(found[i]!.data[j])).toBeCloseTo(Number(value), 6)),
    );
  });

  it("recomputes: the four Tanh stand in the program a second time, after every optimizer", async () => {
    const merged = eliminateCommonSubexpressions(recomputed);
    verifyGraph(merged);
    expect(merged.nodes.filter(({ op }) => op.name === "tanh")).toHaveLength(8);
    expect(await tanhsAfterOptimizing(plain)).toBe(4);
    expect(await tanhsAfterOptimizing(merged)).toBe(8);
  });

  it("keeps no inner value for the backward pass", () => {
    const forward = new Set(nodesOf([recomputed.outputs[0]!]));
    const kept = new Set([...forward].filter(({ op }) => op.name === "tanh").flatMap(({ outputs }) => outputs));
    const users = recomputed.nodes.filter((node) => !forward.has(node) && node.inputs.some((input) => kept.has(input)));
    expect(kept.size).toBe(4);
    // Each block is recomputed from what it was given.
    expect(users.map(({ op }) => op.name)).toEqual([]);
  });

  it("has second derivatives", async () => {
    const f = (x: Tensor, w: Tensor): Tensor => checkpoint((h: Tensor) => block(h, w))(x);
    await expectDerivatives(f, [X, W], "float64");
  });

  it("takes and returns nested objects, and draws the same random numbers again", async () => {
    const key = constant(Uint32Array.of(1, 2), [2], "uint32");
    const noisy = ({ x }: { x: Tensor }): { y: Tensor; name: string } => ({
      y: x.mul(randomUniform(key, [2, 2])).exp(),
      name: "noisy",
    });
    expect(checkpoint(noisy)({ x: placeholder([2, 2], "float32", "x") }).name).toBe("noisy");
    const graphs = [noisy, checkpoint(noisy)].map((f) => {
      const x = placeholder([2, 2], "float32", "x");
      return graphOf([x], [grad((a: Tensor) => f({ x: a }).y.sum())(x)]);
    });
    const [expected, found] = await Promise.all(graphs.map((graph) => plainRun(graph, [X])));
    expect(found).toEqual(expected);
  });

  it("runs jitted in the engine", async () => {
    const w = dataTensor(W.data, "float32", W.shape);
    const loss = (wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor) => (x: Tensor) => wrap((h) => block(h, w))(x).sum();
    const at = dataTensor(X.data, "float32", X.shape);
    const expected = await (await jit(grad(loss((f) => f)))(at)).data();
    expect(await (await jit(grad(loss(checkpoint)))(at)).data()).toEqual(expected);
  });

  it("nests", async () => {
    const graphs = [(f: (x: Tensor) => Tensor) => f, checkpoint].map((wrap) => {
      const x = placeholder([2, 2], "float32", "x");
      const f = wrap((a: Tensor) => wrap((h: Tensor) => h.tanh().exp())(a).sin());
      return graphOf([x], [grad((a: Tensor) => f(a).sum())(x)]);
    });
    const [expected, found] = await Promise.all(graphs.map((graph) => plainRun(graph, [X])));
    expect(found).toEqual(expected);
  });
});
