import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gradients } from "../../autodiff/gradients.js";
import { EngineCompiler } from "../../engine/compile.js";
import { type Graph, graphOf, placeholder } from "../../graph/graph.js";
import { toTensor } from "../../graph/literal.js";
import "../../ops/methods.js";
import { maximum, minimum } from "../../ops/elementwise/binary.js";
import { gather } from "../../ops/indexing/gather.js";
import { concat, split } from "../../ops/shape/concat.js";
import { adam } from "../../optimizers/index.js";
import { keyOf, normals } from "../../random/host.js";
import type { DType } from "../../tensor/dtype.js";
import type { DeviceTensor } from "../../tensor/runtime.js";
import type { Tensor } from "../../tensor/tensor.js";
import { testEngine } from "../../testing/engine.js";
import { splitTail, tailRule } from "./tail.js";

const port = (name: string, ...shape: number[]): Tensor => placeholder(shape, "float32", name);

/** A head that is a product, and an Adam step of its gradient as the tail. */
function adamStep(rows: number, columns: number): Graph {
  const [x, dy, weight, momentum, velocity] = [port("x", 5, rows), port("dy", 5, columns), ...["w", "m", "v"].map((name) => port(name, rows, columns))] as const;
  const stepSize = placeholder([], "float32", "step");
  const grad = x.transpose([1, 0]).matmul(dy);
  const updated = adam({}).update({ weight: weight!, grad, slots: { momentum: momentum!, velocity: velocity! }, scalars: { stepSize } });
  return graphOf([x, dy, weight!, momentum!, velocity!, stepSize], [updated.weight, ...Object.values(updated.slots), dy.sum()]);
}

const feedsOf = (graph: Graph): Float32Array[] =>
  graph.inputs.map(({ shape }, i) => normals(keyOf(i), shape.reduce<number>((product, dim) => product * (dim as number), 1)).map((value) => (i < 2 ? value : Math.abs(value))));

/** What a graph gives with or without kernels, for arrays from the host and then for those of the engine. */
async function results(graph: Graph, kernels: boolean): Promise<Float32Array[]> {
  const engine = await testEngine();
  const compiled = await new EngineCompiler(testEngine, async () => (kernels ? [tailRule] : [])).compile(graph);
  const hosted = await compiled.run(feedsOf(graph));
  // Outputs of the shape of an input take its place, so that they lie where the first run wrote them.
  const feeds: (Float32Array | DeviceTensor)[] = feedsOf(graph);
  graph.outputs.forEach((output, i) => {
    const at = graph.inputs.findIndex((input, at) => feeds[at] instanceof Float32Array && input.shape.join() === output.shape.join());
    if (at >= 0) feeds[at] = hosted[i]!;
  });
  const again = await compiled.run(feeds);
  const read = await Promise.all([...hosted, ...again].map(async (value) => (await value.read()) as Float32Array));
  for (const value of [...hosted, ...again]) engine.release(value);
  return read;
}

/** Refuses values that differ; one loop, as there are millions. */
async function expectSame(graph: Graph): Promise<void> {
  const expected = await results(graph, false);
  (await results(graph, true)).forEach((values, i) => {
    expect(values.length).toBe(expected[i]!.length);
    // Not by Object.is: of 0 and −0, ONNX Runtime's minimum is the first, a kernel's is −0.
    expect(values.findIndex((value, at) => value !== expected[i]![at] && !(Number.isNaN(value) && Number.isNaN(expected[i]![at])))).toBe(-1);
  });
}

describe("withViews", () => {
  const [joint, x] = [port("joint", 320), port("x", 5, 16)];
  const [kernel, bias] = split(joint, [256, 64]) as [Tensor, Tensor];
  const grads = (kernelGrad: Tensor): Tensor => concat([kernelGrad.reshape([256]), bias.mul(x.sum())]);
  const step = (grad: Tensor): Tensor => joint.sub(grad.mul(0.5).add(joint.mul(0.1)));

  test("cuts and joins arrays at the ends of the model by looking at their parts", async () => {
    const square = kernel.reshape([16, 16]);
    const graph = graphOf([joint, x], [step(grads(x.transpose([1, 0]).matmul(x.matmul(square)))), x.sum()]);
    const { head, tail } = splitTail(graph)!;
    expect(head.nodes.map(({ op }) => op.name).filter((name) => /split|concat|reshape/.test(name))).toEqual([]);
    expect(tail.modelInputs).toEqual([{ at: 0, view: { offset: 0, shape: [16, 16] } }, { at: 0, view: { offset: 256, shape: [64] } }, { at: 1, view: null }]);
    expect(tail.modelOutputs).toEqual([{ at: 0, view: null }, { at: 1, view: { offset: 0, shape: [16, 16] } }, { at: 1, view: { offset: 256, shape: [64] } }]);
    await expectSame(graph);
  });

  test("leaves arrays that are used in other ways, and parts that are used twice", async () => {
    const square = kernel.reshape([16, 16]);
    const used = graphOf([joint, x], [step(grads(x.transpose([1, 0]).matmul(x.matmul(square)))), joint.sum(), kernel]);
    expect(splitTail(used)!.tail.modelInputs.every(({ view }) => view === null)).toBe(true);
    const same = kernel.reshape([16, 16]).add(x.sum()).reshape([256]);
    const twice = graphOf([joint, x], [concat([joint, joint.mul(2)]).sub(concat([same, same, bias, bias]).mul(0.5).add(1))]);
    expect(splitTail(twice)!.tail.modelOutputs.some(({ view }) => view?.offset === 256)).toBe(false);
    for (const graph of [used, twice]) await expectSame(graph);
  });
});

describe("scattered rows", () => {
  /** An update of a table of 50 rows by Adam, where 40 rows of a gradient are added at 5·8 places. */
  function lookup(width: number, { axis = 0, dtype = "int32" as DType, again = false } = {}): Graph {
    const table = port("table", ...(axis === 0 ? [50, width] : [width, 50]));
    const [momentum, velocity] = [port("m", 50, width), port("v", 50, width)];
    const [x, places, stepSize] = [port("x", 5, 8, width), placeholder([5, 8], dtype, "places"), placeholder([], "float32", "step")];
    const read = gather(table, places, axis).transpose(axis === 0 ? [0, 1, 2] : [1, 2, 0]);
    const grad = gradients([read.mul(x).sum()], [toTensor(1)], [table])[0]!;
    const turned = axis === 0 ? grad : grad.transpose([1, 0]);
    const updated = adam({}).update({ weight: axis === 0 ? table : table.transpose([1, 0]), grad: turned, slots: { momentum, velocity }, scalars: { stepSize } });
    return graphOf([table, momentum, velocity, x, places, stepSize], [updated.weight, ...Object.values(updated.slots), ...(again ? [grad.sum()] : [])]);
  }

  const feeds = (graph: Graph, places: (i: number) => number): (Float32Array | Int32Array)[] =>
    graph.inputs.map(({ shape, dtype }, i) => {
      const size = shape.reduce<number>((product, dim) => product * (dim as number), 1);
      return dtype === "int32" ? Int32Array.from({ length: size }, (_, at) => places(at)) : normals(keyOf(i), size).map(Math.abs);
    });

  test("are added where kernels read them, repeated and negative places too, step after step", async () => {
    const graph = lookup(8);
    expect(splitTail(graph)!.tail.scattered).toMatchObject([{ rows: 50, width: 8 }]);
    expect(splitTail(graph)!.head.nodes.map(({ op }) => op.name)).not.toContain("scatterAdd");
    const [plain, kernels] = await Promise.all([[], [tailRule]].map(async (rules) => new EngineCompiler(testEngine, async () => rules).compile(graph)));
    // The places of the second run are others: what the first added must be gone.
    for (const places of [(i: number) => (i * 7) % 23, (i: number) => -1 - (i % 50)]) {
      const [expected, got] = await Promise.all([plain!, kernels!].map(async (compiled) => Promise.all((await compiled.run(feeds(graph, places))).map(async (value) => value.read()))));
      expect(got).toEqual(expected);
    }
    await expect(kernels!.run(feeds(graph, (i) => (i === 30 ? 50 : 1)))).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    const [expected, got] = await Promise.all([plain!, kernels!].map(async (compiled) => Promise.all((await compiled.run(feeds(graph, () => 3))).map(async (value) => value.read()))));
    expect(got).toEqual(expected);
  });

  test("stay with ONNX Runtime where rows are no vectors or no rows, places other numbers, or others read them", () => {
    for (const graph of [lookup(6), lookup(8, { axis: 1 }), lookup(8, { dtype: "int64" }), lookup(8, { again: true })]) expect(splitTail(graph)?.tail.scattered ?? []).toEqual([]);
  });
});

describe("splitTail", () => {
  test("takes an optimizer's update and leaves its gradient", () => {
    const { head, tail } = splitTail(adamStep(32, 17))!;
    expect(head.nodes.map(({ op }) => op.name)).toEqual(["sum", "transpose", "matmul"]);
    expect(head.inputs).toHaveLength(2);
    expect(tail.arrays.map(({ output }) => output)).toEqual([3, null]);
    expect(tail.calls).toMatchObject([{ size: 32 * 17, outputs: [1, 2, 0] }]);
    expect(tail.calls[0]!.kernel).toMatchObject({ arrays: 4, scalars: 1, steps: { length: 12 } });
  });

  test("leaves small arrays, short work, work that others need, and graphs of nothing else", () => {
    const [x, y, small] = [port("x", 16, 16), port("y", 16, 16), port("s", 4, 4)];
    const long = (a: Tensor): Tensor => a.mul(2).add(1).sqrt().neg();
    expect(splitTail(graphOf([small], [long(small.matmul(small))]))).toBeUndefined();
    expect(splitTail(graphOf([x, y], [x.matmul(y).mul(2).add(1)]))).toBeUndefined();
    const needed = long(x.matmul(y));
    expect(splitTail(graphOf([x, y], [needed, needed.sum()]))).toBeUndefined();
    expect(splitTail(graphOf([x], [long(x)]))).toBeUndefined();
    const twice = long(x.matmul(y));
    expect(splitTail(graphOf([x, y], [twice, twice]))).toBeUndefined();
    const free = placeholder(["batch", 16], "float32", "x");
    expect(splitTail(graphOf([free, y], [long(free.matmul(y))]))).toBeUndefined();
  });

  test("gives what ONNX Runtime gives, to the bit", async () => {
    // More elements than one part or window, and no multiple of four.
    for (const graph of [adamStep(32, 17), adamStep(1201, 997)]) await expectSame(graph);
  });

  test("random work of all instructions, with constants, numbers and values used twice", async () => {
    const step = fc.record({ op: fc.nat(8), a: fc.nat(99), b: fc.nat(99) });
    const work = fc.record({ size: fc.integer({ min: 256, max: 300 }), steps: fc.array(step, { minLength: 4, maxLength: 12 }), kept: fc.nat(3) });
    const seen = { split: 0 };
    await fc.assert(
      fc.asyncProperty(work, async ({ size, steps, kept }) => {
        const [x, y, s] = [port("x", 1, size), port("y", 1, size), placeholder([1], "float32", "s")];
        const values: Tensor[] = [x.cumSum({ axis: 1 }), y, s, toTensor(0.5), toTensor(-3)];
        for (const { op, a, b } of steps) {
          const left = values.at(-1)!.size === size ? values.at(-1)! : values[a % values.length]!;
          const right = values[b % values.length]!;
          const made = [left.abs(), left.neg(), left.abs().sqrt(), left.add(right), left.sub(right), left.mul(right), left.div(right), minimum(left, right), maximum(right, left)][op]!;
          values.push(made);
        }
        const outputs = [...new Set([values.at(-1)!, values.at(-1 - kept)!])];
        const graph = graphOf([x, y, s], outputs);
        if (splitTail(graph) !== undefined) seen.split++;
        await expectSame(graph);
      }),
      { numRuns: 40 },
    );
    expect(seen.split).toBeGreaterThan(10);
  });
});
