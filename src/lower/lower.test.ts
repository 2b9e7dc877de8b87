import { describe, expect, test } from "vitest";
import { gradients } from "../autodiff/gradients.js";
import { findBlockedRules } from "../engine/blocks.js";
import { EngineCompiler } from "../engine/compile.js";
import { type Graph, trace } from "../graph/graph.js";
import { printGraph } from "../graph/print.js";
import { rewriteGraph } from "../graph/rewrite.js";
import { verifyGraph } from "../graph/verify.js";
import type { Spec } from "../graph/node.js";
import "../ops/methods.js";
import { conv } from "../ops/nn/conv.js";
import { averagePool, maxPool } from "../ops/nn/pool.js";
import { nodeOf } from "../graph/node.js";
import { matmul } from "../ops/matrix/matmul.js";
import { concat, split, stack, unstack } from "../ops/shape/concat.js";
import { gemm } from "./cpu/gemm.js";
import { joinProducts } from "./cpu/joinProducts.js";
import { poolMask } from "./cpu/poolMask.js";
import { reluMask, step } from "./cpu/reluMask.js";
import { joinSteps } from "./layout/joinSteps.js";
import { constant } from "../ops/elementwise/literal.js";
import { repeat } from "../ops/shape/repeat.js";
import { onesLike } from "../ops/shape/fill.js";
import { normals, keyOf } from "../random/host.js";
import type { Tensor } from "../tensor/tensor.js";
import { testEngine } from "../testing/engine.js";
import { cpuRules } from "./cpu/index.js";
import { applyRules, type Rule } from "./rule.js";

const blocks = await findBlockedRules(await testEngine());
const rules = cpuRules(blocks);

const NHWC_TO_NCHW = [0, 3, 1, 2];
const NCHW_TO_NHWC = [0, 2, 3, 1];

interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly loss: (inputs: readonly Tensor[]) => Tensor;
}

/** A channels-last convolution with bias and ReLU, as the layers write it. */
function convLayer(x: Tensor, kernel: Tensor, bias: Tensor, stride: number, pad: number): Tensor {
  const y = conv(x.transpose(NHWC_TO_NCHW), kernel.transpose([3, 2, 0, 1]), { strides: stride, padding: [[pad, pad], [pad, pad]] });
  return y.transpose(NCHW_TO_NHWC).add(bias).relu();
}

const convCases = [1, 3, 17, 33].flatMap((channels) =>
  [1, 5, 16].flatMap((batch) =>
    [1, 7].map((size): Case => ({
      name: `convolution, ${channels} channels, batch ${batch}, ${size}×${size}`,
      shapes: [[batch, size, size, channels], [3, 3, channels, 5], [5]],
      loss: ([x, kernel, bias]) => convLayer(x!, kernel!, bias!, size === 7 ? 2 : 1, 1).square().sum(),
    })),
  ),
);

/** Two convolutions with what networks put between them; enough channels for the blocked layout. */
const blockedCases = [
  { name: "stride 2", batch: 16, size: 7, channels: [3, 16, 32], taps: 3, stride: 2, pad: 1 },
  { name: "stride 2, an even size", batch: 32, size: 8, channels: [16, 32, 16], taps: 3, stride: 2, pad: 1 },
  { name: "1×1, stride 2", batch: 16, size: 8, channels: [16, 16, 32], taps: 1, stride: 2, pad: 0 },
  { name: "channels that no block divides", batch: 5, size: 6, channels: [15, 33, 47], taps: 3, stride: 1, pad: 1 },
  { name: "5×5 windows", batch: 16, size: 9, channels: [1, 32, 48], taps: 5, stride: 1, pad: 2 },
  { name: "half a block of images, cut into pieces", batch: 8, size: 8, channels: [3, 16, 32], taps: 3, stride: 2, pad: 1 },
  { name: "no padding, stride 3", batch: 1, size: 31, channels: [16, 16, 16], taps: 3, stride: 3, pad: 0 },
].map(({ name, batch, size, channels: [c0, c1, c2], taps, stride, pad }): Case => ({
  name: `blocked convolutions: ${name}`,
  shapes: [[batch, size, size, c0!], [taps, taps, c0!, c1!], [c1!], [taps, taps, c1!, c2!], [c2!]],
  loss: ([x, k1, b1, k2, b2]) => {
    const h = convLayer(x!, k1!, b1!, 1, pad);
    const centred = h.sub(h.mean({ axes: [0, 1, 2], keepDims: true }));
    const normal = centred.mul(centred.square().mean({ axes: [0, 1, 2], keepDims: true }).add(0.01).rsqrt());
    const y = convLayer(normal.mul(2).add(b1!).relu(), k2!, b2!, stride, pad);
    const gate = y.mean({ axes: [1, 2], keepDims: true }).sigmoid();
    return y.mul(gate).mean({ axes: [1, 2] }).square().sum().add(y.max({ axes: [3] }).mean());
  },
}));

const depthwiseCases = [1, 2].map((stride): Case => ({
  name: `blocked depthwise convolution, stride ${stride}`,
  shapes: [[3, 8, 9, 32], [3, 3, 1, 32], [1, 1, 32, 16]],
  loss: ([x, depthwise, pointwise]) => {
    const padding = [[1, 1], [0, 1]] as const;
    const h = conv(x!.transpose(NHWC_TO_NCHW), depthwise!.transpose([3, 2, 0, 1]), { strides: stride, padding, groups: 32 });
    return conv(h.relu(), pointwise!.transpose([3, 2, 0, 1])).square().sum();
  },
}));

/** Pooling of ties and without, and enlarging, between blocked convolutions. */
const poolingCases = [
  { poolSize: 2, strides: 2, padding: [[0, 0], [0, 0]], round: false },
  { poolSize: 3, strides: 2, padding: [[0, 1], [1, 0]], round: true },
  { poolSize: 2, strides: 1, padding: [[1, 0], [0, 0]], round: true },
].map(({ poolSize, strides, padding, round }): Case => ({
  name: `blocked pooling, size ${poolSize}, strides ${strides}`,
  shapes: [[2, 9, 8, 3], [3, 3, 3, 16], [16], [1, 1, 16, 16]],
  loss: ([x, kernel, bias, mix]) => {
    const h = convLayer(x!, kernel!, bias!, 1, 1);
    const images = (round ? h.mul(0).add(h.stopGradient().greater(1).cast("float32")).add(h.mul(0.5)).relu() : h).transpose(NHWC_TO_NCHW);
    const options = { poolSize, strides, padding: padding as [number, number][] };
    const pooled = maxPool(images, options).add(averagePool(images, options).mul(2));
    const large = repeat(pooled.transpose(NCHW_TO_NHWC), [2, 3], [1, 2]);
    return conv(large.transpose(NHWC_TO_NCHW), mix!.transpose([3, 2, 0, 1])).square().sum();
  },
}));

const cases: readonly Case[] = [
  ...poolingCases,
  ...convCases,
  ...blockedCases,
  ...depthwiseCases,
  ...[[16, 32], [17, 31]].map((sizes): Case => ({
    name: `blocked images that are joined and cut into ${sizes.join(" and ")} channels`,
    shapes: [[4, 6, 5, 3], [3, 3, 3, 16], [16], [3, 3, 16, 32], [32], [1, 1, 16, 16]],
    loss: ([x, k1, b1, k2, b2, mix]) => {
      const first = convLayer(x!, k1!, b1!, 1, 1);
      const both = concat([first, convLayer(first, k2!, b2!, 1, 1)], 3);
      const [a, b] = split(both, sizes, 3) as [Tensor, Tensor];
      const [top, rest] = split(a.mul(2), [2, 4], 1) as [Tensor, Tensor];
      const images = split(rest.transpose(NHWC_TO_NCHW), [16, sizes[0]! - 16], 1)[0]!;
      return conv(images, mix!.transpose([3, 2, 0, 1])).square().sum().add(top.mean()).add(b.square().mean());
    },
  })),
  {
    name: "two convolutions with pooling between",
    shapes: [[20, 9, 8, 2], [3, 3, 2, 4], [4], [2, 2, 4, 3], [3]],
    loss: ([x, k1, b1, k2, b2]) => {
      const h = maxPool(convLayer(x!, k1!, b1!, 1, 1).transpose(NHWC_TO_NCHW), { poolSize: 2 }).transpose(NCHW_TO_NHWC);
      const y = averagePool(convLayer(h, k2!, b2!, 1, 0).transpose(NHWC_TO_NCHW), { poolSize: 2 });
      return y.square().mean();
    },
  },
  {
    name: "products, statistics and masks",
    shapes: [[6, 4], [4, 3], [6, 3]],
    loss: ([x, w, m]) => {
      const h = x!.matmul(w!);
      const centred = h.sub(h.mean({ axes: 0, keepDims: true }));
      return centred.transpose().matmul(centred.mul(m!)).tanh().sum().add(h.stopGradient().square().sum());
    },
  },
  {
    name: "a dense layer over sequences",
    shapes: [[2, 3, 4], [4, 5], [5]],
    loss: ([x, w, b]) => x!.tanh().matmul(w!).add(b!).square().mean(),
  },
  {
    name: "scaled sums over many elements",
    shapes: [[160, 112], [160, 112], []],
    loss: ([x, y, s]) => {
      const a = x!.mul(0.9).add(y!.mul(0.1));
      const b = x!.sub(y!.mul(s!)).mul(y!.square().mul(0.3).add(2));
      const c = b.tanh().add(1).mul(s!);
      return a.mul(c).sub(s!.sub(a.mul(3))).add(y!.add(s!).mul(0.5)).square().mean();
    },
  },
  {
    name: "a weight that many steps use",
    shapes: [[6, 3, 8], [8, 8]],
    loss: ([x, w]) => {
      let h = x!.sum({ axes: [0] });
      for (const step of unstack(x!, 0)) h = step.add(h.matmul(w!)).tanh();
      // The gradient of w is used again: otherwise nothing looks at the sum.
      return gradients([h.sum()], [onesLike(h.sum())], [w!])[0]!.square().sum();
    },
  },
  {
    name: "transposes with reductions over some axes",
    shapes: [[2, 3, 4, 5], [5]],
    loss: ([x, b]) => {
      const t = x!.transpose([1, 3, 0, 2]).transpose([0, 2, 3, 1]).add(b!);
      return t.max({ axes: [1] }).mul(t.sum({ axes: [1], keepDims: true }).squeeze(1)).sum().add(t.mean({ axes: [0, 3] }).square().sum());
    },
  },
];

function gradientGraph({ shapes, loss }: Case): Graph {
  const specs = shapes.map((shape, i): Spec & { name: string } => ({ shape, dtype: "float32", name: `x${i}` }));
  return trace((inputs) => {
    const value = loss(inputs);
    return [value, ...gradients([value], [onesLike(value)], inputs).map((g) => g!)];
  }, specs);
}

async function run(graph: Graph, rules: readonly Rule[], feeds: readonly Float32Array[]): Promise<Float32Array[]> {
  const compiled = await new EngineCompiler(testEngine, async () => rules).compile(graph);
  const outputs = await compiled.run(feeds);
  return Promise.all(outputs.map(async (output) => (await output.read()) as Float32Array));
}

describe("rules", () => {
  test.each(cases)("$name: the same numbers with every rule on and off", async (spec) => {
    const graph = gradientGraph(spec);
    const feeds = spec.shapes.map((shape, i) => normals(keyOf(i + 7), shape.reduce((a, b) => a * b, 1)));
    const plain = await run(graph, [], feeds);
    const alone = convCases.includes(spec) ? [] : rules.map((rule) => [rule]);
    const settings = [rules, cpuRules(), blocks, ...alone];
    for (const setting of settings) {
      verifyGraph(applyRules(graph, setting));
      const fast = await run(graph, setting, feeds);
      fast.forEach((values, i) => {
        // Sums in another order: float32 rounding grows with the size of what is summed.
        const scale = Math.max(1, ...plain[i]!.map(Math.abs));
        values.forEach((value, j) => expect(Math.abs(value - plain[i]![j]!)).toBeLessThanOrEqual(3e-5 * scale));
      });
    }
  });

  test("a channels-last network of convolutions keeps one layout inside", () => {
    const spec = cases.find((c) => c.name.startsWith("two convolutions"))!;
    const graph = applyRules(gradientGraph(spec), cpuRules().filter((rule) => rule.name !== "kernelGradByProduct"));
    const moved = graph.nodes.filter(
      (node) => node.op.name === "transpose" && node.inputs[0]!.shape.filter((dim) => dim !== 1).length > 1,
    );
    // What is left turns the input, the two kernels, and their three gradients.
    expect(moved).toHaveLength(6);
  });
});

test("the gradient of a weight that many steps use is one product", () => {
  const graph = applyRules(gradientGraph(cases.find(({ name }) => name.startsWith("a weight that many"))!), [joinProducts]);
  const product = graph.nodes.find((node) => node.op === matmul && nodeOf(node.inputs[1]!)?.op === concat);
  expect(product!.inputs.map(({ shape }) => shape)).toEqual([[8, 18], [18, 8]]);
});

test("a product with a transposed matrix reads it in place, rows in several axes as one matrix", () => {
  const product = (rows: number[]): readonly string[] =>
    applyRules(trace(([x, w]) => [matmul(x!, w!.transpose())], [{ name: "x", shape: [...rows, 4], dtype: "float32" }, { name: "w", shape: [5, 4], dtype: "float32" }]), [gemm]).nodes.map(({ op }) => op.name);
  expect(product([3])).toEqual(["gemm"]);
  expect(product([2, 3])).toEqual(["reshape", "gemm", "reshape"]);
  expect(product([2, 0])).toEqual(["transpose", "matmul"]);
});

test("steps are taken from rows and put together as rows, which other joined values are too", () => {
  const graph = trace(
    ([x, w]) => {
      const projected = x!.matmul(w!).reshape([6, 3, 8]);
      const steps = unstack(projected, 0).map((step) => step.tanh());
      return [stack(steps, 0), concat(steps, 0).sum(), projected.max()];
    },
    [{ shape: [18, 5], dtype: "float32", name: "x" }, { shape: [5, 8], dtype: "float32", name: "w" }],
  );
  const joined = applyRules(graph, [joinSteps]);
  const count = (name: string): number => joined.nodes.filter(({ op }) => op.name === name).length;
  // One for each value of three axes that is used as such.
  expect([count("reshape"), count("concat"), count("split")]).toEqual([2, 1, 1]);
  expect(joined.nodes.find(({ op }) => op.name === "split")!.inputs[0]!.shape).toEqual([18, 8]);
});

test("the mask of a ReLU before max pooling is taken after it, ties and rows of zeros too", async () => {
  const pooled = (x: Tensor): Tensor => maxPool(x.relu(), { poolSize: 3, strides: 2, padding: [[1, 1], [1, 1]] });
  const graph = gradientGraph({ name: "pool", shapes: [[2, 3, 9, 8], [2, 3, 5, 4]], loss: ([x, w]) => pooled(x!).mul(w!).sum() });
  const masks = (setting: readonly Rule[]): unknown[] => applyRules(graph, setting).nodes.filter(({ op }) => op === step).map(({ outputs }) => outputs[0]!.shape);
  expect(masks([reluMask])).toEqual([[2, 3, 9, 8]]);
  expect(masks([reluMask, poolMask])).toEqual([[2, 3, 5, 4]]);
  // Whole numbers from −2 to 1: windows with several largest elements, and with none above 0.
  const feeds = [normals(keyOf(1), 432).map((value) => Math.min(1, Math.max(-2, Math.round(value - 0.5)))), normals(keyOf(2), 120)];
  // Masked gradients are 0 or −0.
  const numbers = (arrays: readonly Float32Array[]): number[][] => arrays.map((array) => Array.from(array, (value) => value + 0));
  expect(numbers(await run(graph, [reluMask, poolMask], feeds))).toEqual(numbers(await run(graph, [], feeds)));
});

test("a sum with what has no inputs stays as it is", () => {
  const graph = trace(([x]) => [constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], "float32").add(x!).exp()], [{ shape: [2, 3], dtype: "float32", name: "x" }]);
  expect(printGraph(applyRules(graph, [joinProducts]))).toBe(printGraph(graph));
});

describe("graph passes", () => {
  const graph = gradientGraph(cases.find(({ name }) => name.startsWith("products"))!);

  test("equal expressions are computed once, and the graph stays legal", () => {
    const twice = trace(([x]) => [x!.exp().add(x!.exp()), x!.mul(2).add(x!.mul(2))], [{ shape: [3], dtype: "float32", name: "x" }]);
    const once = applyRules(twice, []);
    verifyGraph(once);
    expect(once.nodes.filter((node) => node.op.name === "exp")).toHaveLength(1);
    expect(once.nodes.filter((node) => node.op.name === "mul")).toHaveLength(1);
  });

  test("the verifier finds a value that is used before it is made, and a node that stands twice", () => {
    expect(() => verifyGraph({ ...graph, nodes: graph.nodes.toReversed() })).toThrow(/made before their use/);
    expect(() => verifyGraph({ ...graph, nodes: [...graph.nodes, graph.nodes[0]!] })).toThrow(/second time/);
  });

  test("a rewrite that changes a shape fails where the shape is used", () => {
    const drop = () => rewriteGraph(graph, (node) => (node.op.name === "matmul" ? [node.inputs[0]!] : undefined));
    expect(drop).toThrow(/broadcast/);
  });

  test("a graph prints a line for each node", () => {
    const text = printGraph(trace(([x]) => [x!.exp().add(1)], [{ shape: ["batch", 3], dtype: "float32", name: "x" }]));
    expect(text).toBe(
      [
        "input %x  float32 [batch, 3]",
        "%0 = exp(%x)  float32 [batch, 3]",
        "%1 = constant(data=[1], shape=[], dtype=\"float32\")  float32 []",
        "%2 = add(%0, %1)  float32 [batch, 3]",
        "return %2",
      ].join("\n"),
    );
  });
});
