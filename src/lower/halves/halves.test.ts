import { describe, expect, test } from "vitest";
import { gradients } from "../../autodiff/gradients.js";
import { EngineCompiler } from "../../engine/compile.js";
import { createNodeEngine } from "../../engine/node.js";
import { type Graph, graphOf, placeholder } from "../../graph/graph.js";
import { verifyGraph } from "../../graph/verify.js";
import "../../ops/methods.js";
import { constant } from "../../ops/elementwise/literal.js";
import { gather } from "../../ops/indexing/gather.js";
import { takeAlong } from "../../ops/indexing/takeAlong.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { conv } from "../../ops/nn/conv.js";
import { averagePool, maxPool } from "../../ops/nn/pool.js";
import { logSoftmax, softmax } from "../../ops/nn/softmax.js";
import { randomBits } from "../../ops/random/bits.js";
import { concat, split, unstack } from "../../ops/shape/concat.js";
import { zeros } from "../../ops/shape/fill.js";
import { pad } from "../../ops/shape/pad.js";
import { repeat } from "../../ops/shape/repeat.js";
import { keyOf, normals } from "../../random/host.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { testEngine } from "../../testing/engine.js";
import { type SharedGraph, shareRows } from "./halves.js";

/** Shares all that can be. */
const ALWAYS = { least: 0, times: 0 };

interface Case {
  readonly name: string;
  /** Shape of the rows, and of what all of them share. */
  readonly rows: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
  /** Columns of whole numbers below a limit come first. */
  readonly below?: number;
  readonly loss: (rows: readonly Tensor[], weights: readonly Tensor[]) => Tensor;
  /** Inputs of the rest at most: that nothing but gradients and loss crosses. */
  readonly crossing: number;
}

const cases: Case[] = [
  {
    name: "perceptron",
    rows: [[6], [6, 5]],
    below: 3,
    weights: [[5, 4], [4], [4, 3]],
    loss: ([label, x], [w, b, v]) => {
      const logits = matmul(matmul(x!, w!).add(b!).relu(), v!);
      const picked = takeAlong(logSoftmax(logits), gather(label!.reshape([6, 1]), [0], 1));
      return picked.neg().mean();
    },
    crossing: 4,
  },
  {
    name: "convolutions, channels last, with pooling",
    rows: [[4, 9, 8, 2]],
    weights: [[3, 3, 2, 5], [5], [5, 5, 1, 5]],
    loss: ([x], [k, b, d]) => {
      const h = conv(x!.transpose([0, 3, 1, 2]), k!.transpose([3, 2, 0, 1]), { padding: [[1, 1], [0, 1]] }).transpose([0, 2, 3, 1]).add(b!).relu();
      const pooled = maxPool(h.transpose([0, 3, 1, 2]), { poolSize: 2 });
      const y = conv(pad(pooled, [[0, 0], [0, 0], [1, 2], [2, 1]]), d!.transpose([3, 2, 0, 1]), { strides: 2, groups: 5 });
      return averagePool(repeat(y, [2, 2], [2, 3]), { poolSize: 2 }).square().mean({ axes: [1, 2, 3] }).sum();
    },
    crossing: 4,
  },
  {
    name: "a recurrent network from zeros, steps first",
    rows: [[6, 4, 3]],
    weights: [[3, 10], [5, 10]],
    loss: ([x], [w, r]) => {
      const inputs = matmul(x!.transpose([1, 0, 2]), w!); // [T,B,10]
      let h: Tensor = zeros([6, 5]);
      let c: Tensor = zeros([6, 5]);
      for (const step of unstack(inputs, 0)) {
        const [a, g] = split(step.add(matmul(h, r!)), 2, 1) as [Tensor, Tensor];
        c = c.mul(a.sigmoid()).add(g.tanh());
        h = c.tanh();
      }
      return concat([h, zeros([6, 2]).add(1)], 1).square().sum().mul(1 / 6);
    },
    crossing: 3,
  },
  {
    name: "attention over tied embeddings",
    rows: [[4, 5]],
    below: 7,
    weights: [[7, 6], [5, 6], [6, 6]],
    loss: ([ids], [table, places, w]) => {
      const x = gather(table!, ids!).add(places!); // [B,T,C]
      const [q, k] = [x.reshape([4, 5, 2, 3]).transpose([0, 2, 1, 3]), matmul(x, w!).reshape([4, 5, 2, 3]).transpose([0, 2, 1, 3])];
      const mask = constant(Float32Array.from({ length: 25 }, (_, i) => (i % 5 > i / 5 ? -1e9 : 0)), [5, 5], "float32");
      const seen = matmul(softmax(matmul(q, k, { transposeB: true }).add(mask)), k); // [B,H,T,D]
      const flat = seen.transpose([0, 2, 1, 3]).reshape([20, 6]);
      return logSoftmax(matmul(flat, table!, { transposeB: true })).max({ axes: [1] }).mean();
    },
    crossing: 4,
  },
  {
    name: "statistics of the batch in the middle",
    rows: [[8, 5]],
    weights: [[5, 4], [4, 2]],
    loss: ([x], [w, v]) => {
      const h = matmul(x!, w!);
      const centred = h.sub(h.mean({ axes: [0], keepDims: true }));
      return matmul(centred.mul(centred.square().mean({ axes: [0] }).add(0.1).rsqrt()), v!).square().sum();
    },
    crossing: Infinity,
  },
  {
    name: "random numbers of each row",
    rows: [[4, 3]],
    weights: [[3, 3]],
    loss: ([x], [w]) => {
      const noise = randomBits(constant(Uint32Array.of(3_000_000_000, 4_000_000_000), [2], "uint32"), [4, 3], 16).cast("float32").mul(1e-4);
      return matmul(x!.add(noise), w!).square().sum();
    },
    crossing: 2,
  },
  {
    name: "what depends on the place of a row",
    rows: [[4, 3]],
    weights: [[3, 3], [3, 3]],
    loss: ([x], [w, v]) => matmul(matmul(x!, w!).mul(constant(Float32Array.of(1, 2, 3, 4), [4, 1], "float32")), v!).square().sum(),
    crossing: Infinity,
  },
  {
    name: "rows against rows",
    rows: [[4, 3]],
    weights: [[3, 3]],
    loss: ([x], [w]) => {
      const y = matmul(x!, w!);
      return softmax(matmul(y, y, { transposeB: true })).square().sum();
    },
    crossing: Infinity,
  },
];

function traced({ rows, weights, below, loss }: Case): { graph: Graph; rows: Tensor[] } {
  const columns = rows.map((shape, i) => placeholder(shape, below !== undefined && i === 0 ? "int32" : "float32", `x${i}`));
  const held = weights.map((shape, i) => placeholder(shape, "float32", `w${i}`));
  const value = loss(columns, held);
  const grads = gradients([value], [constant(Float32Array.of(1), [], "float32")], held);
  // A step as optimizers write it.
  const updated = held.map((weight, i) => weight.sub(grads[i]!.mul(0.1)));
  return { graph: graphOf([...held, ...columns], [...updated, value]), rows: columns };
}

type Column = Float32Array | Int32Array | Uint32Array;

function dataOf({ shape, dtype }: { readonly shape: Tensor["shape"]; readonly dtype: DType }, seed: number, below = 1): Float32Array | Int32Array {
  const size = (shape as readonly number[]).reduce((a, b) => a * b, 1);
  const values = normals(keyOf(seed), size);
  return dtype === "int32" ? Int32Array.from(values, (x) => Math.floor(Math.abs(x) * 10) % below) : Float32Array.from(values);
}

async function run(graph: Graph, feeds: readonly Column[]): Promise<Float32Array[]> {
  const compiled = await new EngineCompiler(testEngine, async () => []).compile(graph);
  return Promise.all((await compiled.run(feeds)).map(async (value) => (await value.read()) as Float32Array));
}

async function runShared({ parts, part, partInputs, numbers, rest, restInputs }: SharedGraph, given: readonly Column[]): Promise<Float32Array[]> {
  const feeds = [...given, (await numbers.data()) as Uint32Array];
  const between: Float32Array[] = [];
  for (let i = 0; i < parts; i++) {
    const own = partInputs.map(({ at, rows }) => {
      const length = feeds[at]!.length / parts;
      return rows ? feeds[at]!.slice(i * length, (i + 1) * length) : feeds[at]!;
    });
    between.push(...(await run(part, own)));
  }
  return run(rest, [...restInputs.map((at) => feeds[at]!), ...between]);
}

describe("halves", () => {
  test.each(cases)("$name: both halves together give what the whole gives", async (given) => {
    const { graph, rows } = traced(given);
    const shared = shareRows(graph, rows, ALWAYS)!;
    verifyGraph(shared.part);
    verifyGraph(shared.rest);
    const feeds = graph.inputs.map((input, i) => dataOf(input, i, given.below));
    const [expected, received] = [await run(graph, feeds), await runShared(shared, feeds)];
    // Sums over the rows in another order: a few units in the last place of values near 10.
    received.forEach((values, i) => values.forEach((value, at) => expect(Math.abs(value - expected[i]![at]!)).toBeLessThan(2e-5 * (1 + Math.abs(expected[i]![at]!)))));
    expect(shared.part.outputs.length).toBeLessThanOrEqual(given.crossing);
  });

  test("an odd number of rows, and little work, are not shared", () => {
    const { graph, rows } = traced(cases[0]!);
    expect(shareRows(graph, rows)).toBeUndefined();
    const odd = traced({ ...cases[4]!, rows: [[7, 5]], weights: [[5, 4]], loss: ([x], [w]) => matmul(x!, w!).sum() });
    expect(shareRows(odd.graph, odd.rows, ALWAYS)).toBeUndefined();
  });

  test("an engine with two threads runs the halves at once, and gives donated memory back when one fails", async () => {
    const engine = await createNodeEngine({ threads: 2 });
    const compiler = new EngineCompiler(async () => engine);
    const { graph, rows } = traced({
      ...cases[0]!,
      rows: [[1024], [1024, 128]],
      weights: [[128, 128], [128], [128, 3]],
      loss: ([label, x], [w, b, v]) => takeAlong(logSoftmax(matmul(matmul(x!, w!).mul(0.1).add(b!).relu(), v!)), label!.reshape([1024, 1])).mean(),
    });
    const feeds = graph.inputs.map((input, i) => dataOf(input, i, 3));
    const held = graph.inputs.slice(0, 3).map((input, i) => engine.upload(feeds[i]!, "float32", input.shape as number[]));
    expect(shareRows(graph, rows)).toBeDefined();
    const compiled = await compiler.compile(graph, rows);
    const classes = feeds[3] as Int32Array;
    await expect(compiled.run([...held, classes.map((label, i) => (i === 1000 ? 9 : label)), feeds[4]!], { donate: [0, 1, 2] })).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    const results = await compiled.run([...held, classes, feeds[4]!], { donate: [0, 1, 2] });
    const expected = await run(graph, feeds);
    for (const [i, result] of results.entries()) {
      const values = (await result.read()) as Float32Array;
      // Gradients are means over 1,024 rows, added up in another order.
      values.forEach((value, at) => expect(Math.abs(value - expected[i]![at]!)).toBeLessThan(1e-6));
    }
    await expect(held[0]!.read()).rejects.toMatchObject({ code: "STALE_STATE" });
    await engine.dispose();
  });
});
