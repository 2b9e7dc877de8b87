import fc from "fast-check";
import { expect, test } from "vitest";
import { gradients } from "../../../autodiff/gradients.js";
import { findBlockedRules } from "../../../engine/blocks.js";
import { EngineCompiler } from "../../../engine/compile.js";
import { type Graph, trace } from "../../../graph/graph.js";
import "../../../ops/methods.js";
import { conv } from "../../../ops/nn/conv.js";
import { averagePool, maxPool } from "../../../ops/nn/pool.js";
import { onesLike } from "../../../ops/shape/fill.js";
import { keyOf, normals } from "../../../random/host.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { testEngine } from "../../../testing/engine.js";
import { cpuRules } from "../index.js";
import type { Rule } from "../../rule.js";

const blocks = await findBlockedRules(await testEngine());

const side = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  taps: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: 0, max: 3 }),
  after: fc.integer({ min: 0, max: 3 }),
});

/** A convolution whose windows fit, between images of few or many channels. */
const network = fc
  .record({
    batch: fc.constantFrom(1, 2, 5, 8, 16, 17, 32),
    channels: fc.constantFrom(1, 3, 15, 16, 17, 32, 33),
    filters: fc.constantFrom(3, 16, 31, 32, 48),
    depthwise: fc.boolean(),
    sides: fc.tuple(side, side),
    pool: fc.constantFrom("max", "average", "none"),
    normalized: fc.boolean(),
  })
  .filter(({ sides }) => sides.every(({ size, taps, dilation, before, after }) => before + size + after >= (taps - 1) * dilation + 1));

type Network = typeof network extends fc.Arbitrary<infer T> ? T : never;

function graphOfNetwork({ batch, channels, filters, depthwise, sides, pool, normalized }: Network): Graph {
  const [rows, columns] = sides;
  const taps = sides.map((each) => each.taps);
  const groups = depthwise ? 32 : 1;
  const width = depthwise ? 32 : channels;
  const shapes = [
    [batch, rows.size, columns.size, channels],
    [1, 1, channels, width],
    depthwise ? [...taps, 1, 32] : [...taps, width, filters],
    [depthwise ? 32 : filters],
  ];
  const options = {
    strides: sides.map(({ stride }) => stride),
    dilations: sides.map(({ dilation }) => dilation),
    padding: sides.map(({ before, after }) => [before, after] as const),
    groups,
  };
  const loss = ([x, first, kernel, bias]: readonly Tensor[]): Tensor => {
    const mixed = conv(x!.transpose([0, 3, 1, 2]), first!.transpose([3, 2, 0, 1]));
    let h = conv(mixed.transpose([0, 2, 3, 1]).relu().transpose([0, 3, 1, 2]), kernel!.transpose([3, 2, 0, 1]), options).transpose([0, 2, 3, 1]);
    if (normalized) {
      const centred = h.sub(h.mean({ axes: [0, 1, 2], keepDims: true }));
      h = centred.mul(centred.square().mean({ axes: [0, 1, 2], keepDims: true }).add(0.5).rsqrt());
    }
    h = h.mul(bias!).add(bias!).relu().add(h);
    const images = h.transpose([0, 3, 1, 2]);
    const small = images.shape.slice(2).some((size) => Number(size) < 2);
    const pooled = pool === "none" || small ? images : (pool === "max" ? maxPool : averagePool)(images, { poolSize: 2, strides: 1 });
    return pooled.mul(pooled.sigmoid()).mean().add(pooled.max({ axes: [2, 3] }).square().mean());
  };
  return trace((inputs) => {
    const value = loss(inputs);
    return [value, ...gradients([value], [onesLike(value)], inputs).map((gradient) => gradient!)];
  }, shapes.map((shape, i) => ({ shape, dtype: "float32" as const, name: `x${i}` })));
}

async function run(graph: Graph, rules: readonly Rule[], feeds: readonly Float32Array[]): Promise<Float32Array[]> {
  const compiled = await new EngineCompiler(testEngine, async () => rules).compile(graph);
  return Promise.all((await compiled.run(feeds)).map(async (output) => (await output.read()) as Float32Array));
}

test("networks in blocks give the numbers of plain ones, whatever their sizes", async () => {
  expect(blocks.length).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(network, async (spec) => {
      const graph = graphOfNetwork(spec);
      const feeds = graph.inputs.map(({ shape }, i) => normals(keyOf(i + 3), (shape as number[]).reduce((a, b) => a * b, 1)));
      const [plain, fast] = [await run(graph, [], feeds), await run(graph, cpuRules(blocks), feeds)];
      fast.forEach((values, i) => {
        // Sums in another order: float32 rounding grows with the size of what is summed.
        const scale = plain[i]!.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        const worst = values.reduce((most, value, j) => Math.max(most, Math.abs(value - plain[i]![j]!)), 0);
        expect(worst).toBeLessThanOrEqual(5e-5 * scale);
      });
    }),
    { numRuns: Number(process.env["RUNS"] ?? 25), seed: Number(process.env["SEED"] ?? 1) },
  );
}, 600_000);
