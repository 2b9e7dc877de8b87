import type { TensorLike } from "../graph/literal.js";
import { Tensor } from "../tensor/tensor.js";
import { add, clip, div, maximum, minimum, mul, pow, sub } from "./elementwise/binary.js";
import { cast } from "./elementwise/cast.js";
import { isFinite, isInfinite, isNaN } from "./elementwise/classify.js";
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
import { erfInv, expm1, log1p, logAddExp } from "./elementwise/precise.js";
import { mod, remainder, trunc } from "./elementwise/rounding.js";
import { acos, acosh, asin, asinh, atan, atan2, atanh, cosh, sinh, tan } from "./elementwise/trig.js";
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
import { gatherND } from "./indexing/gatherND.js";
import { argMax, argMin, oneHot } from "./indexing/select.js";
import { takeAlong } from "./indexing/takeAlong.js";
import { argSort, sort, topK } from "./indexing/topK.js";
import { mapAxis } from "./matrix/mapAxis.js";
import { matmul } from "./matrix/matmul.js";
import { dot, kron, outer, tensorDot, trace } from "./matrix/products.js";
import { logSoftmax, softmax } from "./nn/softmax.js";
import { cumProd, cumSum } from "./reduce/cumulative.js";
import { logSumExp, std, variance } from "./reduce/derived.js";
import { all, any, countNonZero } from "./reduce/logical.js";
import { norm, normalize } from "./reduce/norm.js";
import { max, mean, min, prod, sum } from "./reduce/reduce.js";
import { moveAxis, roll, swapAxes } from "./shape/arrange.js";
import { diag, diagonal, tril, triu } from "./shape/band.js";
import { broadcastTo } from "./shape/broadcastTo.js";
import { split, unstack } from "./shape/concat.js";
import { pad } from "./shape/pad.js";
import { repeat, tile } from "./shape/repeat.js";
import { expandDims, reshape, squeeze } from "./shape/reshape.js";
import { flip, slice, sliceAlong } from "./shape/slice.js";
import { matrixTranspose, transpose } from "./shape/transpose.js";

/** An op as a method: its first operand is the tensor itself. */
type Method<F> = F extends (x: TensorLike, ...rest: infer R) => infer T ? (...rest: R) => T : never;

declare module "../tensor/tensor.js" {
  interface Tensor {
    // Elementwise
    abs: Method<typeof abs>;
    acos: Method<typeof acos>;
    acosh: Method<typeof acosh>;
    add: Method<typeof add>;
    asin: Method<typeof asin>;
    asinh: Method<typeof asinh>;
    atan2: Method<typeof atan2>;
    atan: Method<typeof atan>;
    atanh: Method<typeof atanh>;
    cast: Method<typeof cast>;
    ceil: Method<typeof ceil>;
    clip: Method<typeof clip>;
    cos: Method<typeof cos>;
    cosh: Method<typeof cosh>;
    div: Method<typeof div>;
    erf: Method<typeof erf>;
    erfInv: Method<typeof erfInv>;
    exp: Method<typeof exp>;
    expm1: Method<typeof expm1>;
    floor: Method<typeof floor>;
    log1p: Method<typeof log1p>;
    log: Method<typeof log>;
    logAddExp: Method<typeof logAddExp>;
    maximum: Method<typeof maximum>;
    minimum: Method<typeof minimum>;
    mod: Method<typeof mod>;
    mul: Method<typeof mul>;
    neg: Method<typeof neg>;
    pow: Method<typeof pow>;
    reciprocal: Method<typeof reciprocal>;
    relu: Method<typeof relu>;
    remainder: Method<typeof remainder>;
    round: Method<typeof round>;
    rsqrt: Method<typeof rsqrt>;
    sigmoid: Method<typeof sigmoid>;
    sign: Method<typeof sign>;
    sin: Method<typeof sin>;
    sinh: Method<typeof sinh>;
    softplus: Method<typeof softplus>;
    sqrt: Method<typeof sqrt>;
    square: Method<typeof square>;
    stopGradient: Method<typeof stopGradient>;
    sub: Method<typeof sub>;
    tan: Method<typeof tan>;
    tanh: Method<typeof tanh>;
    trunc: Method<typeof trunc>;
    // Comparison
    equal: Method<typeof equal>;
    greater: Method<typeof greater>;
    greaterEqual: Method<typeof greaterEqual>;
    isFinite: Method<typeof isFinite>;
    isInfinite: Method<typeof isInfinite>;
    isNaN: Method<typeof isNaN>;
    less: Method<typeof less>;
    lessEqual: Method<typeof lessEqual>;
    logicalAnd: Method<typeof logicalAnd>;
    logicalNot: Method<typeof logicalNot>;
    logicalOr: Method<typeof logicalOr>;
    notEqual: Method<typeof notEqual>;
    // Reduction
    all: Method<typeof all>;
    any: Method<typeof any>;
    countNonZero: Method<typeof countNonZero>;
    cumProd: Method<typeof cumProd>;
    cumSum: Method<typeof cumSum>;
    logSumExp: Method<typeof logSumExp>;
    max: Method<typeof max>;
    mean: Method<typeof mean>;
    min: Method<typeof min>;
    norm: Method<typeof norm>;
    normalize: Method<typeof normalize>;
    prod: Method<typeof prod>;
    std: Method<typeof std>;
    sum: Method<typeof sum>;
    variance: Method<typeof variance>;
    // Shape
    broadcastTo: Method<typeof broadcastTo>;
    diag: Method<typeof diag>;
    diagonal: Method<typeof diagonal>;
    expandDims: Method<typeof expandDims>;
    flip: Method<typeof flip>;
    matrixTranspose: Method<typeof matrixTranspose>;
    moveAxis: Method<typeof moveAxis>;
    pad: Method<typeof pad>;
    repeat: Method<typeof repeat>;
    reshape: Method<typeof reshape>;
    roll: Method<typeof roll>;
    slice: Method<typeof slice>;
    sliceAlong: Method<typeof sliceAlong>;
    split: Method<typeof split>;
    squeeze: Method<typeof squeeze>;
    swapAxes: Method<typeof swapAxes>;
    tile: Method<typeof tile>;
    transpose: Method<typeof transpose>;
    tril: Method<typeof tril>;
    triu: Method<typeof triu>;
    unstack: Method<typeof unstack>;
    // Matrices, indices, normal forms
    argMax: Method<typeof argMax>;
    argMin: Method<typeof argMin>;
    argSort: Method<typeof argSort>;
    dot: Method<typeof dot>;
    gather: Method<typeof gather>;
    gatherND: Method<typeof gatherND>;
    kron: Method<typeof kron>;
    logSoftmax: Method<typeof logSoftmax>;
    mapAxis: Method<typeof mapAxis>;
    matmul: Method<typeof matmul>;
    oneHot: Method<typeof oneHot>;
    outer: Method<typeof outer>;
    softmax: Method<typeof softmax>;
    sort: Method<typeof sort>;
    takeAlong: Method<typeof takeAlong>;
    tensorDot: Method<typeof tensorDot>;
    topK: Method<typeof topK>;
    trace: Method<typeof trace>;
  }
}

const METHODS = {
  abs,
  acos,
  acosh,
  add,
  all,
  any,
  argMax,
  argMin,
  argSort,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  broadcastTo,
  cast,
  ceil,
  clip,
  cos,
  cosh,
  countNonZero,
  cumProd,
  cumSum,
  diag,
  diagonal,
  div,
  dot,
  equal,
  erf,
  erfInv,
  exp,
  expandDims,
  expm1,
  flip,
  floor,
  gather,
  gatherND,
  greater,
  greaterEqual,
  isFinite,
  isInfinite,
  isNaN,
  kron,
  less,
  lessEqual,
  log,
  log1p,
  logAddExp,
  logSoftmax,
  logSumExp,
  logicalAnd,
  logicalNot,
  logicalOr,
  mapAxis,
  matmul,
  matrixTranspose,
  max,
  maximum,
  mean,
  min,
  minimum,
  mod,
  moveAxis,
  mul,
  neg,
  norm,
  normalize,
  notEqual,
  oneHot,
  outer,
  pad,
  pow,
  prod,
  reciprocal,
  relu,
  remainder,
  repeat,
  reshape,
  roll,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  slice,
  sliceAlong,
  softmax,
  softplus,
  sort,
  split,
  sqrt,
  square,
  squeeze,
  std,
  stopGradient,
  sub,
  sum,
  swapAxes,
  takeAlong,
  tan,
  tanh,
  tensorDot,
  tile,
  topK,
  trace,
  transpose,
  tril,
  triu,
  trunc,
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
