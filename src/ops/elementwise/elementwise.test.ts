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
const comparison: readonly [OpCase, ...OpCase[]] = [{ name: "float32", freeBatch: true }, { name: "int32, broadcast" }];

opTests(elementwise, fixtures, {
  abs: [...smooth, { name: "at zero", differences: "none" }, { name: "int32" }],
  add: arithmetic,
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
  clip: [{ name: "both sides", call: (x) => elementwise.clip(x, -0.9, 1.1) }],
  constant: [
    { name: "data", call: () => elementwise.constant(Float32Array.of(1.5, -2, 0, 4), [2, 2], "float32") },
    { name: "repeated", call: () => elementwise.constant(Int32Array.of(7), [2, 3], "int32") },
  ],
  cos: smooth,
  div: [
    { name: "broadcast" },
    { name: "a number on the left", call: (x) => elementwise.div(2, x) },
    { name: "int32 towards zero" },
  ],
  equal: [...comparison, { name: "NaN is not itself", call: (x) => elementwise.equal(x, x) }],
  // ONNX Runtime's Erf is float32 only.
  erf: smooth.map((c): OpCase => ({ ...c, differences: "float32" })) as [OpCase],
  exp: smooth,
  floor: steps,
  greater: comparison,
  greaterEqual: comparison,
  identity: smooth,
  less: comparison,
  lessEqual: comparison,
  log: smooth,
  logicalAnd: [{ name: "table", freeBatch: true }],
  logicalNot: [{ name: "table", freeBatch: true }],
  logicalOr: [{ name: "table", freeBatch: true }],
  maximum: [{ name: "broadcast" }, { name: "int32" }, { name: "ties", differences: "none" }],
  minimum: [{ name: "broadcast" }, { name: "int32" }, { name: "ties", differences: "none" }],
  mul: [...arithmetic, { name: "one tensor twice", call: (x) => elementwise.mul(x, x) }],
  neg: [...smooth, { name: "int32" }],
  notEqual: comparison,
  pow: [
    { name: "both" },
    { name: "negative base, whole exponent", call: (x) => elementwise.pow(x, 3) },
    { name: "zero base", call: (x) => elementwise.pow(x, 2) },
  ],
  reciprocal: smooth,
  relu: [...smooth, { name: "at zero", differences: "none" }],
  round: steps,
  rsqrt: smooth,
  sigmoid: [...smooth, { name: "far out" }],
  sign: steps,
  sin: smooth,
  softplus: [...smooth, { name: "far out" }],
  sqrt: smooth,
  square: smooth,
  // Differences measure the whole dependence, which is what stopGradient hides.
  stopGradient: [
    { name: "of x times x", call: (x) => elementwise.mul(x, elementwise.stopGradient(x)), differences: "none" },
  ],
  sub: arithmetic,
  tanh: [...smooth, { name: "far out" }],
  where: [{ name: "broadcast" }, { name: "beside a number", call: (c, x) => elementwise.where(c, x, 0) }],
});
