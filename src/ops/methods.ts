import type { TensorLike } from "../graph/literal.js";
import { Tensor } from "../tensor/tensor.js";
import { add, clip, div, maximum, minimum, mul, pow, sub } from "./elementwise/binary.js";
import { cast } from "./elementwise/cast.js";
import {
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
} from "./elementwise/compare.js";
import {
  abs,
  ceil,
  cos,
  erf,
  exp,
  floor,
  log,
  neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  tanh,
} from "./elementwise/unary.js";
import { gather } from "./indexing/gather.js";
import { argMax, argMin, oneHot } from "./indexing/select.js";
import { takeAlong } from "./indexing/takeAlong.js";
import { matmul } from "./matrix/matmul.js";
import { logSoftmax, softmax } from "./nn/softmax.js";
import { logSumExp, std, variance } from "./reduce/derived.js";
import { max, mean, min, prod, sum } from "./reduce/reduce.js";
import { broadcastTo } from "./shape/broadcastTo.js";
import { split, unstack } from "./shape/concat.js";
import { pad } from "./shape/pad.js";
import { expandDims, reshape, squeeze } from "./shape/reshape.js";
import { flip, slice } from "./shape/slice.js";
import { matrixTranspose, transpose } from "./shape/transpose.js";

/** An op as a method: its first operand is the tensor itself. */
type Method<F> = F extends (x: TensorLike, ...rest: infer R) => infer T ? (...rest: R) => T : never;

declare module "../tensor/tensor.js" {
  interface Tensor {
    // Elementwise
    abs: Method<typeof abs>;
    add: Method<typeof add>;
    cast: Method<typeof cast>;
    ceil: Method<typeof ceil>;
    clip: Method<typeof clip>;
    cos: Method<typeof cos>;
    div: Method<typeof div>;
    erf: Method<typeof erf>;
    exp: Method<typeof exp>;
    floor: Method<typeof floor>;
    log: Method<typeof log>;
    maximum: Method<typeof maximum>;
    minimum: Method<typeof minimum>;
    mul: Method<typeof mul>;
    neg: Method<typeof neg>;
    pow: Method<typeof pow>;
    reciprocal: Method<typeof reciprocal>;
    relu: Method<typeof relu>;
    round: Method<typeof round>;
    rsqrt: Method<typeof rsqrt>;
    sigmoid: Method<typeof sigmoid>;
    sign: Method<typeof sign>;
    sin: Method<typeof sin>;
    softplus: Method<typeof softplus>;
    sqrt: Method<typeof sqrt>;
    square: Method<typeof square>;
    stopGradient: Method<typeof stopGradient>;
    sub: Method<typeof sub>;
    tanh: Method<typeof tanh>;
    // Comparison
    equal: Method<typeof equal>;
    greater: Method<typeof greater>;
    greaterEqual: Method<typeof greaterEqual>;
    less: Method<typeof less>;
    lessEqual: Method<typeof lessEqual>;
    logicalAnd: Method<typeof logicalAnd>;
    logicalNot: Method<typeof logicalNot>;
    logicalOr: Method<typeof logicalOr>;
    notEqual: Method<typeof notEqual>;
    // Reduction
    logSumExp: Method<typeof logSumExp>;
    max: Method<typeof max>;
    mean: Method<typeof mean>;
    min: Method<typeof min>;
    prod: Method<typeof prod>;
    std: Method<typeof std>;
    sum: Method<typeof sum>;
    variance: Method<typeof variance>;
    // Shape
    broadcastTo: Method<typeof broadcastTo>;
    expandDims: Method<typeof expandDims>;
    flip: Method<typeof flip>;
    matrixTranspose: Method<typeof matrixTranspose>;
    pad: Method<typeof pad>;
    reshape: Method<typeof reshape>;
    slice: Method<typeof slice>;
    split: Method<typeof split>;
    squeeze: Method<typeof squeeze>;
    transpose: Method<typeof transpose>;
    unstack: Method<typeof unstack>;
    // Matrices, indices, normal forms
    argMax: Method<typeof argMax>;
    argMin: Method<typeof argMin>;
    gather: Method<typeof gather>;
    logSoftmax: Method<typeof logSoftmax>;
    matmul: Method<typeof matmul>;
    oneHot: Method<typeof oneHot>;
    softmax: Method<typeof softmax>;
    takeAlong: Method<typeof takeAlong>;
  }
}

const METHODS = {
  abs,
  add,
  argMax,
  argMin,
  broadcastTo,
  cast,
  ceil,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  expandDims,
  flip,
  floor,
  gather,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logSoftmax,
  logSumExp,
  logicalAnd,
  logicalNot,
  logicalOr,
  matmul,
  matrixTranspose,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  notEqual,
  oneHot,
  pad,
  pow,
  prod,
  reciprocal,
  relu,
  reshape,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  square,
  squeeze,
  std,
  stopGradient,
  sub,
  sum,
  takeAlong,
  tanh,
  transpose,
  unstack,
  variance,
};

for (const [name, op] of Object.entries(METHODS)) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]): unknown {
      return (op as (...args: unknown[]) => unknown)(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}
