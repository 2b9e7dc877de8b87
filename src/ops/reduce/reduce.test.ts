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

opTests(reduce, fixtures, {
  logSumExp: [...casesOf(reduce.logSumExp), { name: "far out" }],
  max: [...casesOf(reduce.max), { name: "ties share", call: (x) => reduce.max(x, { axes: 1 }), differences: "none" }],
  mean: casesOf(reduce.mean),
  min: casesOf(reduce.min),
  prod: casesOf(reduce.prod),
  std: casesOf(reduce.std),
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
