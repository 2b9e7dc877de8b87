import type { TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import * as reduce from "./index.js";

const fixtures = readFixtures(new URL("./reduce.fixtures.json", import.meta.url));

function casesOf(op: (x: TensorLike, options?: reduce.ReduceOptions) => Tensor): [OpCase, ...OpCase[]] {
  return [
    { name: "all axes", call: (x) => op(x) },
    { name: "outer axes kept", call: (x) => op(x, { axes: [-1, 0], keepDims: true }) },
    { name: "last axis", call: (x) => op(x, { axes: -1 }), freeBatch: true },
  ];
}

type Cumulative = (x: TensorLike, options?: reduce.CumulativeOptions) => Tensor;

function cumulative(op: Cumulative): [OpCase, ...OpCase[]] {
  return [
    { name: "last axis", freeBatch: true },
    { name: "first axis, exclusive", call: (x) => op(x, { axis: 0, exclusive: true }) },
    { name: "reversed", call: (x) => op(x, { axis: 1, reverse: true }), freeBatch: true },
    { name: "both, one axis", call: (x) => op(x, { exclusive: true, reverse: true }) },
    { name: "no elements" },
    { name: "int32" },
  ];
}

opTests(reduce, fixtures, {
  all: [
    { name: "bool, kept", call: (x) => reduce.all(x, { axes: 1, keepDims: true }), freeBatch: true },
    { name: "int32" },
    { name: "no elements" },
  ],
  any: [{ name: "bool", call: (x) => reduce.any(x, { axes: -1 }), freeBatch: true }, { name: "float32, all axes" }, { name: "no elements" }],
  countNonZero: [{ name: "rows", call: (x) => reduce.countNonZero(x, { axes: 1 }), freeBatch: true }],
  cumProd: [...cumulative(reduce.cumProd), { name: "with zeros" }],
  cumSum: cumulative(reduce.cumSum),
  logSumExp: [...casesOf(reduce.logSumExp), { name: "far out" }],
  max: [...casesOf(reduce.max), { name: "ties share", call: (x) => reduce.max(x, { axes: 1 }), differences: "none" }],
  mean: casesOf(reduce.mean),
  min: casesOf(reduce.min),
  norm: [
    { name: "1", call: (x) => reduce.norm(x, { ord: 1, axes: [0, 2] }) },
    { name: "2", call: (x) => reduce.norm(x, { axes: [0, 2] }) },
    { name: "3.5", call: (x) => reduce.norm(x, { ord: 3.5, axes: [0, 2] }) },
    { name: "largest", call: (x) => reduce.norm(x, { ord: Infinity, axes: [0, 2] }) },
    { name: "smallest", call: (x) => reduce.norm(x, { ord: -Infinity, axes: [0, 2] }) },
    { name: "2, all axes kept", call: (x) => reduce.norm(x, { keepDims: true }) },
    { name: "2 of zeros", call: (x) => reduce.norm(x, { axes: 1 }), differences: "none", freeBatch: true },
    { name: "3 of zeros", call: (x) => reduce.norm(x, { ord: 3, axes: 1 }), differences: "none", freeBatch: true },
  ],
  normalize: [
    { name: "last axis", freeBatch: true },
    { name: "1, first axis", call: (x) => reduce.normalize(x, { ord: 1, axes: 0 }) },
    { name: "zeros", differences: "none" },
  ],
  prod: [
    ...casesOf(reduce.prod),
    { name: "one zero, two zeros", call: (x) => reduce.prod(x, { axes: 1 }) },
    { name: "no elements", call: (x) => reduce.prod(x, { axes: 0 }) },
  ],
  std: [
    ...casesOf(reduce.std),
    { name: "of equal elements", call: (x) => reduce.std(x, { axes: 1 }), differences: "none", freeBatch: true },
  ],
  sum: [
    ...casesOf(reduce.sum),
    { name: "no elements", call: (x) => reduce.sum(x, { axes: 0 }) },
    { name: "int32", call: (x) => reduce.sum(x, { axes: 0 }) },
  ],
  sumTo: [
    { name: "matrix to column", call: (x) => reduce.sumTo(x, [2, 1]) },
    { name: "fewer axes", call: (x) => reduce.sumTo(x, [3, 1]) },
    { name: "scalar", call: (x) => reduce.sumTo(x, []) },
  ],
  variance: casesOf(reduce.variance),
});
