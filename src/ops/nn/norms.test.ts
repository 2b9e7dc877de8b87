import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gradients } from "../../autodiff/gradients.js";
import { placeholder } from "../../graph/graph.js";
import { dataTensor } from "../../tensor/convert.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type TensorFunction, expectDerivatives } from "../../testing/differences.js";
import "../../testing/engine.js";
import type { PlainValue } from "../../testing/plainRun.js";
import { add, mul, sub } from "../elementwise/binary.js";
import { rsqrt } from "../elementwise/unary.js";
import { variance as varianceOver } from "../reduce/derived.js";
import { mean as meanOver } from "../reduce/reduce.js";
import { reshape } from "../shape/reshape.js";
import { batchNormInference, batchNormTraining } from "./batchNorm.js";
import { layerNorm } from "./layerNorm.js";

type Case = { readonly shapes: readonly (readonly number[])[]; readonly fn: TensorFunction };

/** Inputs around 2: apart enough that no variance is near 0, where derivatives are steep. */
const around2 = (shape: readonly number[], salt: number): PlainValue => ({
  dtype: "float64",
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => 2 + Math.sin(0.3 + 7.3 * salt + 1.7 * k * k)),
});

const CASES: Record<string, Case> = {
  "layerNorm over the last axis": { shapes: [[2, 2, 3], [3], [3]], fn: (x, g, b) => [layerNorm(x, g, b)] },
  "layerNorm over two axes, one not trailing": {
    shapes: [[2, 3, 2], [2, 2], [2, 2]],
    fn: (x, g, b) => [layerNorm(x, g, b, { axes: [-1, 0], epsilon: 0.1 })],
  },
  "layerNorm without gamma and beta": { shapes: [[2, 5]], fn: (x) => [layerNorm(x, null, null)] },
  "batchNormTraining, channels last": { shapes: [[3, 2, 2], [2], [2]], fn: (x, g, b) => batchNormTraining(x, g, b) },
  "batchNormTraining, channels first": {
    shapes: [[3, 2, 2], [2], [2]],
    fn: (x, g, b) => batchNormTraining(x, g, b, { axis: 1, epsilon: 0.1 }),
  },
  "batchNormTraining without gamma and beta": { shapes: [[4, 2]], fn: (x) => batchNormTraining(x, null, null) },
  "batchNormTraining, statistics alone": { shapes: [[4, 2]], fn: (x) => batchNormTraining(x, null, null).slice(1) },
  batchNormInference: {
    shapes: [[2, 3, 2], [3], [3], [3], [3]],
    fn: (x, g, b, m, v) => [batchNormInference(x, g, b, m, v, { axis: 1 })],
  },
};

test.each(Object.entries(CASES))("first and second derivatives against central differences: %s", (_, { shapes, fn }) =>
  expectDerivatives(fn, shapes.map(around2), "float64"),
);

describe("values and gradients of PyTorch 2, computed in float64", () => {
  const x = [-1.25, -1.3125, 0.5, 0.125, 2.703125, 2.390625, 0.375, -3.234375, 1.9375, 0.6875, 3.890625, 1.53125, 1.328125, 2.75, 0.71875, 0.78125, 2.859375, 3.515625, 5.015625, 1.109375, 2.234375, 0.171875, -0.6875, -3.625];
  const w = [-0.21875, -0.75, 0.5625, 0.265625, -0.171875, -0.671875, 0.9375, 0.484375, -0.5625, 0.921875, 1.109375, 1.296875, -1.484375, 2.5625, -0.46875, 0.328125, -1.625, -0.546875, -0.484375, -0.5, -1.0625, 1.109375, -0.140625, 0.8125];
  const inputs = [
    dataTensor(Float32Array.from(x), "float32", [2, 3, 4]),
    dataTensor(Float32Array.of(1.5, -0.5, 0.25, 2)),
    dataTensor(Float32Array.of(0.5, -1, 0, 0.25)),
  ] as const;
  const weights = dataTensor(Float32Array.from(w), "float32", [2, 3, 4]);
  const expectClose = async (tensor: Tensor, expected: readonly number[]): Promise<void> => {
    const found = await tensor.data();
    expect(found.length).toBe(expected.length);
    // A dozen float32 operations on numbers up to 5: 20 roundings of 5 · 2⁻²⁴, and 1e-7 of print.
    expected.forEach((value, i) => expect(Math.abs(Number(found[i]) - value)).toBeLessThan(6e-6));
  };

  test("layerNorm", async () => {
    const y = layerNorm(...inputs, { epsilon: 1e-3 });
    const [dx, dGamma, dBeta] = gradients([y], [weights], inputs);
    await expectClose(y, [-0.9200159, -0.4880215, 0.3042891, 1.7569556, 1.859962, -1.387263, -0.0194044, -2.9570993, 0.4052673, -0.4365895, 0.3997057, -0.5676931, 0.3782737, -1.8282162, -0.2064574, -1.2489043, 0.2158427, -1.1392928, 0.3370885, -2.6250028, 2.4314191, -1.153994, -0.0250472, -2.7408238]);
    await expectClose(dx!, [-0.4821384, 0.3991578, -0.2357053, 0.3186859, -0.0963464, 0.1330965, -0.0490078, 0.0122576, -1.0517967, -0.7360824, -0.0821443, 1.8700235, -1.871892, 0.5237288, 0.1742353, 1.1739279, -1.0914406, 0.6907256, 0.0637144, 0.3370006, 0.0202264, -0.0270932, -0.0056829, 0.0125497]);
    await expectClose(dGamma!, [-0.8530117, 3.6427258, 2.1336654, -1.8489851]);
    await expectClose(dBeta!, [-5.125, 2.625, 1.515625, 2.6875]);
  });

  test("batchNormTraining", async () => {
    const [y, mean, variance] = batchNormTraining(...inputs, { epsilon: 1e-3 });
    const [dx, dGamma, dBeta] = gradients([y], [weights], inputs);
    await expectClose(y, [-2.6243502, -0.1957603, -0.137335, 0.9007654, 1.6561224, -1.3071586, -0.1524544, -2.3280321, 0.827098, -0.7960092, 0.2727801, 2.252355, 0.1672623, -1.4150158, -0.110876, 1.5315072, 1.825311, -1.6447986, 0.4088551, 1.8468781, 1.1485564, -0.6412575, -0.2809698, -2.7034736]);
    await expectClose(mean, [1.6354167, 1.3671875, 1.6354167, -0.5520833]);
    await expectClose(variance, [1.918023, 2.7744751, 4.270969, 4.3290744]);
    await expectClose(dx!, [0.1747937, 0.2724603, 0.0364154, -0.1424545, 0.9287077, 0.3650083, 0.0816561, -0.0947052, 0.3695515, -0.166663, 0.1057531, 0.9167336, -0.7370533, -0.5944497, -0.0881143, -0.0506401, -0.6169538, 0.3627318, -0.0859614, -0.8307043, -0.1190458, -0.2390876, -0.0497488, 0.2017706]);
    await expectClose(dGamma!, [-1.3653758, 1.0432548, -0.0964652, -0.6283562]);
    await expectClose(dBeta!, [-5.125, 2.625, 1.515625, 2.6875]);
    await expectClose(batchNormInference(...inputs, mean, variance, { epsilon: 1e-3 }), [...((await y.data()) as Float32Array)]);
  });
});

describe("values against their formulas, any axes", () => {
  const scenario = fc.record({
    dims: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
    pick: fc.nat(15),
  });
  const data = (shape: readonly number[], phase: number): Tensor =>
    dataTensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(phase + i * i)), "float64", shape);
  const expectEqual = async (a: Tensor, b: Tensor): Promise<void> => {
    expect(a.shape).toEqual(b.shape);
    const [found, expected] = [await a.data(), await b.data()];
    // Both sides compute in float64.
    found.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(expected[i]), 12));
  };

  test("layerNorm", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ dims, pick }) => {
        const axes = dims.flatMap((_, i) => ((pick >> i) & 1 ? [i] : []));
        if (axes.length === 0) axes.push(dims.length - 1);
        const [x, gamma, beta] = [data(dims, 0), ...[1, 2].map((phase) => data(axes.map((axis) => dims[axis]!), phase))] as const;
        const laid = dims.map((dim, i) => (axes.includes(i) ? dim : 1));
        const options = { axes, keepDims: true };
        const normal = mul(sub(x, meanOver(x, options)), rsqrt(add(varianceOver(x, options), 1e-3)));
        await expectEqual(layerNorm(x, gamma!, beta!, { axes }), add(mul(normal, reshape(gamma!, laid)), reshape(beta!, laid)));
      }),
      { numRuns: 8 },
    );
  });

  test("batchNormTraining", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ dims, pick }) => {
        const axis = pick % dims.length;
        const channels = [dims[axis]!];
        const [x, gamma, beta] = [data(dims, 0), data(channels, 1), data(channels, 2)];
        const laid = dims.map((dim, i) => (i === axis ? dim : 1));
        const others = dims.flatMap((_, i) => (i === axis ? [] : [i]));
        const mean = meanOver(x, { axes: others });
        const variance = varianceOver(x, { axes: others });
        const normal = mul(sub(x, reshape(mean, laid)), rsqrt(add(reshape(variance, laid), 1e-3)));
        const found = batchNormTraining(x, gamma, beta, { axis });
        await expectEqual(found[0], add(mul(normal, reshape(gamma, laid)), reshape(beta, laid)));
        await expectEqual(found[1], mean);
        await expectEqual(found[2], variance);
        await expectEqual(batchNormInference(x, gamma, beta, mean, variance, { axis }), found[0]);
      }),
      { numRuns: 8 },
    );
  });
});

test("the variance is taken in two passes: a mean of 1000 deviations leaves it right", async () => {
  const n = 4096;
  const x = Float32Array.from({ length: n }, (_, i) => 1000 + Math.sin(i * i));
  const mean = x.reduce((a, b) => a + b, 0) / n;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
  const column = dataTensor(x, "float32", [n, 1]);
  const [y, , found] = batchNormTraining(column, null, null);
  const rows = layerNorm(dataTensor(x, "float32", [1, n]), null, null);
  // One pass in float32 would be off by about E[x²] · 2⁻²⁴ · √n / variance, which is 8 times.
  expect(Math.abs((await found.item()) / variance - 1)).toBeLessThan(1e-4);
  for (const normal of [await y.data(), await rows.data()]) {
    for (const i of [0, 1, 100, n - 1]) {
      // n sums of up to 4e6, each rounded by up to 1/8, put the mean off by about √n / 8 / n = 0.002.
      expect(Math.abs(Number(normal[i]) - (x[i]! - mean) / Math.sqrt(variance + 1e-3))).toBeLessThan(0.01);
    }
  }
});

test("free batch dimensions pass through, mistakes are refused when the graph is built", () => {
  const x = placeholder(["batch", 8, 4], "float32", "x");
  const [four, three] = [dataTensor(new Float32Array(4)), dataTensor(new Float32Array(3))];
  expect(layerNorm(x, four, four).shape).toEqual(["batch", 8, 4]);
  expect(layerNorm(x, null, null, { axes: 1 }).shape).toEqual(["batch", 8, 4]);
  expect(batchNormTraining(x, four, four).map((y) => y.shape)).toEqual([["batch", 8, 4], [4], [4]]);
  expect(batchNormInference(x, null, null, four, four).shape).toEqual(["batch", 8, 4]);
  expect(() => layerNorm(x, three, four)).toThrow(/gamma and beta of shape \[4\]/);
  expect(() => batchNormTraining(x, four, three)).toThrow(/vectors of shape \[4\] for \[batch, 8, 4\]/);
  expect(() => batchNormInference(x, null, null, three, four)).toThrow(/vectors of shape \[4\]/);
  expect(() => layerNorm(placeholder([2], "int32", "i"), null, null)).toThrow(/float tensor/);
  expect(() => layerNorm(x, null, null, { axes: [] })).toThrow(/at least one axis/);
  expect(() => batchNormTraining(four, null, null)).toThrow(/a batch axis/);
  expect(() => batchNormTraining(x, null, null, { axis: 3 })).toThrow(/axis from -3 to 2/);
});
