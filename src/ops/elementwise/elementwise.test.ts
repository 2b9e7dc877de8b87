import { describe, expect, it } from "vitest";
import { dataTensor } from "../../tensor/convert.js";
import type { Tensor } from "../../tensor/tensor.js";
import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import * as elementwise from "./index.js";

const fixtures = readFixtures(new URL("./elementwise.fixtures.json", import.meta.url));

const arithmetic: readonly [OpCase, ...OpCase[]] = [
  { name: "same shape", freeBatch: true },
  { name: "broadcast both ways" },
  { name: "scalars" },
  { name: "no elements" },
  { name: "int32" },
];
const smooth: readonly [OpCase, ...OpCase[]] = [
  { name: "matrix", freeBatch: true },
  { name: "scalar" },
  { name: "no elements" },
];
const steps: readonly [OpCase] = [{ name: "halves", freeBatch: true }];
// ONNX Runtime has these in float32 only.
const smoothFloat32 = smooth.map((c): OpCase => ({ ...c, differences: "float32" })) as [OpCase, ...OpCase[]];
const kinds: readonly [OpCase] = [{ name: "of all kinds", freeBatch: true }];
const division: readonly [OpCase, ...OpCase[]] = [
  { name: "all signs", freeBatch: true },
  { name: "broadcast" },
  { name: "int32" },
];
const comparison: readonly [OpCase, ...OpCase[]] = [{ name: "float32", freeBatch: true }, { name: "int32, broadcast" }];

/** √x for x > 0, else 0, whose gradient is 0 too where x ≤ 0. */
function safeRoot(x: Tensor): Tensor {
  const positive = elementwise.greater(x, 0);
  return elementwise.where(positive, elementwise.sqrt(elementwise.where(positive, x, 1)), 0);
}

opTests(elementwise, fixtures, {
  acos: smoothFloat32,
  acosh: smoothFloat32,
  abs: [...smooth, { name: "at zero", differences: "none" }, { name: "int32" }],
  add: arithmetic,
  asin: smoothFloat32,
  asinh: smoothFloat32,
  atan: smoothFloat32,
  atan2: [
    { name: "all quadrants", differences: "float32", freeBatch: true },
    { name: "on the axes", differences: "float32" },
    { name: "origin, broadcast", differences: "none" },
  ],
  atanh: smoothFloat32,
  cast: [
    { name: "to int32", call: (x) => elementwise.cast(x, "int32") },
    { name: "bool to float32", call: (x) => elementwise.cast(x, "float32"), freeBatch: true },
    {
      name: "through float64",
      call: (x) => elementwise.cast(elementwise.cast(x, "float64"), "float32"),
      differences: "float32",
    },
  ],
  ceil: steps,
  clip: [
    { name: "both sides", call: (x) => elementwise.clip(x, -0.9, 1.1), freeBatch: true },
    { name: "one side", call: (x) => elementwise.clip(x, -0.9, Infinity) },
  ],
  constant: [
    { name: "data", call: () => elementwise.constant(Float32Array.of(1.5, -2, 0, 4), [2, 2], "float32") },
    { name: "repeated", call: () => elementwise.constant(Int32Array.of(7), [2, 3], "int32") },
  ],
  cos: smooth,
  cosh: smoothFloat32,
  div: [
    { name: "broadcast" },
    { name: "a number on the left", call: (x) => elementwise.div(2, x) },
    { name: "int32 towards zero" },
  ],
  equal: [...comparison, { name: "NaN is not itself", call: (x) => elementwise.equal(x, x) }],
  // ONNX Runtime's Erf is float32 only.
  erf: smoothFloat32,
  // Its polynomials are exact to float32's rounding only.
  erfInv: [...smoothFloat32, { name: "near the ends", differences: "none" }],
  exp: smooth,
  expm1: [...smooth, { name: "far out", differences: "none" }],
  floor: steps,
  greater: comparison,
  greaterEqual: comparison,
  identity: smooth,
  isFinite: kinds,
  isInfinite: kinds,
  isNaN: kinds,
  less: comparison,
  lessEqual: comparison,
  log: smooth,
  log1p: [...smooth, { name: "far out", differences: "none" }],
  logAddExp: [{ name: "broadcast", freeBatch: [0] }, { name: "far out", differences: "none" }, { name: "equal" }],
  logicalAnd: [{ name: "table", freeBatch: true }],
  logicalNot: [{ name: "table", freeBatch: true }],
  logicalOr: [{ name: "table", freeBatch: true }],
  maximum: [{ name: "broadcast" }, { name: "int32" }, { name: "ties", differences: "none" }],
  minimum: [{ name: "broadcast" }, { name: "int32" }, { name: "ties", differences: "none" }],
  mod: division,
  mul: [...arithmetic, { name: "one tensor twice", call: (x) => elementwise.mul(x, x) }],
  neg: [...smooth, { name: "int32" }],
  notEqual: comparison,
  pow: [
    { name: "both" },
    { name: "negative base, whole exponent", call: (x) => elementwise.pow(x, 3) },
    { name: "zero base", call: (x) => elementwise.pow(x, 2) },
    { name: "zero base, zero exponent", differences: "none" },
  ],
  reciprocal: smooth,
  remainder: division,
  relu: [...smooth, { name: "at zero", differences: "none" }],
  round: steps,
  rsqrt: smooth,
  sigmoid: [...smooth, { name: "far out" }],
  sign: steps,
  sin: smooth,
  sinh: smoothFloat32,
  softplus: [...smooth, { name: "far out" }],
  sqrt: smooth,
  square: smooth,
  // Differences measure the whole dependence, which is what stopGradient hides.
  stopGradient: [
    { name: "of x times x", call: (x) => elementwise.mul(x, elementwise.stopGradient(x)), differences: "none" },
  ],
  sub: arithmetic,
  tan: smoothFloat32,
  tanh: [...smooth, { name: "far out" }],
  trunc: steps,
  where: [
    { name: "broadcast" },
    { name: "beside a number", call: (c, x) => elementwise.where(c, x, 0) },
    { name: "safe square root", call: safeRoot, differences: "none" },
  ],
});

/** The largest error relative to the value itself, which an absolute tolerance would not see near 0. */
async function relativeError(op: (x: Tensor) => Tensor, exact: (x: number) => number, at: readonly number[]): Promise<number> {
  const x = Float32Array.from(at);
  const found = await op(dataTensor(x, "float32")).data();
  return Math.max(...Array.from(x, (value, i) => Math.abs(Number(found[i]) / exact(value) - 1)));
}

describe("near 0, where the plain formula has no digit left", () => {
  const magnitudes = Array.from({ length: 200 }, (_, i) => 0.9 * 10 ** (-i / 8));
  const bothSigns = magnitudes.flatMap((x) => [x, -x]);

  // A few roundings of 2⁻²⁴ ≈ 6e-8 and the kernels' own errors of as many; the plain formulas err by 1.
  it.each([
    ["expm1", elementwise.expm1, Math.expm1, 1e-6],
    ["log1p", elementwise.log1p, Math.log1p, 5e-7],
  ] as const)("%s keeps its relative error", async (_name, op, exact, tolerance) => {
    expect(await relativeError(op, exact, bothSigns)).toBeLessThan(tolerance);
  });

  it("erfInv is odd and has the slope √π/2", async () => {
    const small = bothSigns.filter((x) => Math.abs(x) < 1e-4);
    expect(await relativeError(elementwise.erfInv, (x) => (x * Math.sqrt(Math.PI)) / 2, small)).toBeLessThan(5e-7);
  });
});
