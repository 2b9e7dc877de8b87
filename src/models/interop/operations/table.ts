import * as activations from "../../../activations/index.js";
import * as ops from "../../../ops/index.js";
import { type DType, DTYPES } from "../../../tensor/dtype.js";
import { normalizeAxis } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { getItem } from "./getItem.js";
import { alike, type Operand, operand, promoted, realOf, tensorOf } from "./operands.js";

/** The options of an operation as Keras's file names them; they are checked by the ops that take them. */
export type OperationOptions = Readonly<Record<string, unknown>>;

/** What an operation of Keras computes from the arguments of its call. */
export type Operation = (options: OperationOptions, ...args: unknown[]) => Tensor | readonly Tensor[];

type Binary = (a: Operand, b: Operand) => Tensor;
type Axes = number | readonly number[] | undefined;

const axisOf = (options: OperationOptions): Axes => (options["axis"] ?? undefined) as Axes;
const unary = (f: (x: Tensor) => Tensor): Operation => (_options, x) => f(tensorOf(x));
const real = (f: (x: Tensor) => Tensor): Operation => (_options, x) => f(realOf(x));
const binary = (f: Binary): Operation => (_options, a, b) => f(...promoted(a, b));
const realBinary = (f: Binary): Operation => (_options, a, b) => f(...promoted(realOf(a), realOf(b)));
const reduction =
  (f: (x: Tensor, options: { axes?: number | readonly number[]; keepDims: boolean }) => Tensor, of = tensorOf): Operation =>
  (options, x) => {
    const axes = axisOf(options);
    return f(of(x), { ...(axes === undefined ? {} : { axes }), keepDims: options["keepdims"] === true });
  };
/** An activation, with those of its options that the file gives, by our names. */
const activation = (name: string, rename: Readonly<Record<string, string>> = {}): Operation => {
  const call = activations.get(name).call as (x: Tensor, options: object) => Tensor;
  const given = (options: OperationOptions): [string, unknown][] => Object.entries(rename).map(([theirs, ours]) => [ours, options[theirs] ?? undefined]);
  return (options, x) => call(realOf(x), Object.fromEntries(given(options).filter(([, value]) => value !== undefined)));
};
const extremumPlace =
  (f: typeof ops.argMax): Operation =>
  (options, x) => {
    const tensor = tensorOf(x);
    const axis = options["axis"] as number | null | undefined;
    if (axis === null || axis === undefined) return f(ops.reshape(tensor, [-1]), 0);
    return options["keepdims"] === true ? ops.expandDims(f(tensor, axis), normalizeAxis(axis, tensor.rank, "Argmax")) : f(tensor, axis);
  };
const logical = (f: Binary): Operation => (_options, a, b) => f(ops.cast(tensorOf(a), "bool"), ops.cast(tensorOf(b), "bool"));
const tensors = (list: unknown): Tensor[] => alike((list as readonly unknown[]).map(tensorOf));
const like =
  (f: (x: Tensor) => Tensor): Operation =>
  ({ dtype }, x) => {
    const made = f(tensorOf(x));
    return dtype === null || dtype === undefined ? made : ops.cast(made, dtypeOf(dtype));
  };

/** Half precision is computed in full. */
const FULL: Readonly<Record<string, DType>> = { float16: "float32", bfloat16: "float32", int16: "int32", uint16: "int32" };

function dtypeOf(name: unknown): DType {
  const dtype = (FULL[name as string] ?? name) as DType;
  if (!DTYPES.includes(dtype)) throw new TypeError(`no dtype ${String(name)}`);
  return dtype;
}

/** The operations of `keras.ops` that functional models may hold, by class. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  Absolute: unary(ops.abs),
  Abs: unary(ops.abs),
  Add: binary(ops.add),
  All: reduction((x, options) => ops.all(ops.cast(x, "bool"), options)),
  Amax: reduction(ops.max),
  Amin: reduction(ops.min),
  Any: reduction((x, options) => ops.any(ops.cast(x, "bool"), options)),
  Arccos: real(ops.acos),
  Arcsin: real(ops.asin),
  Arctan: real(ops.atan),
  Arctan2: realBinary(ops.atan2),
  Argmax: extremumPlace(ops.argMax),
  Argmin: extremumPlace(ops.argMin),
  Average: (options, x, weights) => average(options, realOf(x), weights),
  BroadcastTo: ({ shape }, x) => ops.broadcastTo(tensorOf(x), shape as number[]),
  Cast: ({ dtype }, x) => ops.cast(tensorOf(x), dtypeOf(dtype)),
  Ceil: real(ops.ceil),
  Celu: activation("celu", { alpha: "alpha" }),
  Clip: ({ x_min: low, x_max: high }, x) => ops.clip(tensorOf(x), (low ?? -Infinity) as number, (high ?? Infinity) as number),
  Concatenate: ({ axis }, list) => ops.concat(tensors(list), (axis ?? -1) as number),
  Cos: real(ops.cos),
  Cosh: real(ops.cosh),
  Cumprod: ({ axis }, x) => ops.cumProd(tensorOf(x), { axis: axis as number }),
  Cumsum: ({ axis }, x) => ops.cumSum(tensorOf(x), { axis: axis as number }),
  Divide: realBinary(ops.div),
  Einsum: ({ subscripts }, ...list) => ops.einsum(subscripts as string, list.map(tensorOf)),
  Elu: activation("elu", { alpha: "alpha" }),
  Equal: binary(ops.equal),
  Erf: real(ops.erf),
  Exp: real(ops.exp),
  ExpandDims: ({ axis }, x) => expandAll(tensorOf(x), axis),
  Expm1: real(ops.expm1),
  Flip: ({ axis }, x) => flipped(tensorOf(x), axis),
  Floor: real(ops.floor),
  FloorDivide: binary((a, b) => ops.floor(ops.div(a, b))),
  FullLike: (_options, x, value) => ops.add(ops.zerosLike(tensorOf(x)), operand(value)),
  Gelu: activation("gelu", { approximate: "approximate" }),
  GetItem: (_options, x, key) => getItem(tensorOf(x), key),
  Glu: activation("glu", { axis: "axis" }),
  Greater: binary(ops.greater),
  GreaterEqual: binary(ops.greaterEqual),
  HardShrink: activation("hardShrink", { threshold: "threshold" }),
  HardSigmoid: activation("hardSigmoid"),
  HardSilu: activation("hardSilu"),
  HardTanh: activation("hardTanh"),
  Identity: unary((x) => x),
  Isfinite: unary(ops.isFinite),
  Isinf: unary(ops.isInfinite),
  Isnan: unary(ops.isNaN),
  LeakyRelu: activation("leakyRelu", { negative_slope: "negativeSlope" }),
  Less: binary(ops.less),
  LessEqual: binary(ops.lessEqual),
  Log: real(ops.log),
  Log10: real((x) => ops.mul(ops.log(x), Math.LOG10E)),
  Log1p: real(ops.log1p),
  Log2: real((x) => ops.mul(ops.log(x), Math.LOG2E)),
  LogSigmoid: activation("logSigmoid"),
  LogSoftmax: activation("logSoftmax", { axis: "axis" }),
  Logaddexp: realBinary(ops.logAddExp),
  LogicalAnd: logical(ops.logicalAnd),
  LogicalNot: unary((x) => ops.logicalNot(ops.cast(x, "bool"))),
  LogicalOr: logical(ops.logicalOr),
  LogicalXor: logical(ops.notEqual),
  Logsumexp: reduction(ops.logSumExp, realOf),
  Matmul: (_options, a, b) => ops.matmul(tensorOf(a), tensorOf(b)),
  Max: reduction(ops.max),
  Maximum: binary(ops.maximum),
  Mean: reduction(ops.mean, realOf),
  Min: reduction(ops.min),
  Minimum: binary(ops.minimum),
  Mish: activation("mish"),
  Mod: binary(ops.mod),
  Moveaxis: ({ source, destination }, x) => ops.moveAxis(tensorOf(x), source as number, destination as number),
  Multiply: binary(ops.mul),
  Negative: unary(ops.neg),
  Normalize: ({ axis, order, epsilon }, x) =>
    ops.normalize(realOf(x), { axes: (axis ?? -1) as number, ord: (order ?? 2) as number, epsilon: (epsilon ?? 1e-7) as number }),
  NotEqual: binary(ops.notEqual),
  OneHot: ({ num_classes: depth, axis, dtype }, x) => oneHot(tensorOf(x), depth as number, (axis ?? -1) as number, dtypeOf(dtype ?? "float32")),
  OnesLike: like(ops.onesLike),
  Pad: ({ pad_width: width, mode }, x, value) => padded(tensorOf(x), width, mode, value),
  Power: binary((a, b) => ops.pow(...floatBase(a, b))),
  Prod: reduction(ops.prod),
  ReLU: activation("relu", { negative_slope: "negativeSlope", max_value: "maxValue", threshold: "threshold" }),
  Ravel: unary((x) => ops.reshape(x, [-1])),
  Reciprocal: real(ops.reciprocal),
  Relu: activation("relu"),
  Relu6: activation("relu6"),
  Repeat: ({ repeats, axis }, x) => (axis === null ? ops.repeat(ops.reshape(tensorOf(x), [-1]), repeats as number) : ops.repeat(tensorOf(x), repeats as number, axis as number)),
  Reshape: ({ newshape }, x) => reshaped(tensorOf(x), newshape as readonly (number | null)[]),
  Roll: ({ shift, axis }, x) => ops.roll(tensorOf(x), shift as number, axis as number),
  Round: ({ decimals }, x) => rounded(realOf(x), (decimals ?? 0) as number),
  Rsqrt: real(ops.rsqrt),
  Selu: activation("selu"),
  Sigmoid: activation("sigmoid"),
  Sign: unary(ops.sign),
  Silu: activation("silu"),
  Sin: real(ops.sin),
  Sinh: real(ops.sinh),
  SoftShrink: activation("softShrink", { threshold: "threshold" }),
  Softmax: activation("softmax", { axis: "axis" }),
  Softplus: activation("softplus"),
  Softsign: activation("softsign"),
  SparsePlus: activation("sparsePlus"),
  SparseSigmoid: activation("sparseSigmoid"),
  Sparsemax: activation("sparsemax", { axis: "axis" }),
  Split: ({ indices_or_sections: parts, axis }, x) => split(tensorOf(x), parts as number | readonly number[], (axis ?? 0) as number),
  Sqrt: real(ops.sqrt),
  Square: unary(ops.square),
  Squareplus: activation("squareplus", { b: "b" }),
  Squeeze: (options, x) => ops.squeeze(tensorOf(x), axisOf(options)),
  Stack: ({ axis }, list) => ops.stack(tensors(list), (axis ?? 0) as number),
  Std: reduction(ops.std, realOf),
  StopGradient: unary(ops.stopGradient),
  Subtract: binary(ops.sub),
  Sum: reduction(ops.sum),
  Swapaxes: ({ axis1, axis2 }, x) => ops.swapAxes(tensorOf(x), axis1 as number, axis2 as number),
  Take: ({ axis }, x, indices) => (axis === null ? ops.gather(ops.reshape(tensorOf(x), [-1]), ids(indices), 0) : ops.gather(tensorOf(x), ids(indices), axis as number)),
  Tan: real(ops.tan),
  Tanh: activation("tanh"),
  TanhShrink: activation("tanhShrink"),
  Tile: ({ repeats }, x) => ops.tile(tensorOf(x), [repeats as number | readonly number[]].flat()),
  Transpose: ({ axes }, x) => ops.transpose(tensorOf(x), (axes ?? undefined) as number[] | undefined),
  Tril: ({ k }, x) => ops.tril(tensorOf(x), (k ?? 0) as number),
  Triu: ({ k }, x) => ops.triu(tensorOf(x), (k ?? 0) as number),
  TrueDivide: realBinary(ops.div),
  Trunc: real(ops.trunc),
  Unstack: ({ axis }, x) => ops.unstack(tensorOf(x), (axis ?? 0) as number),
  Var: reduction(ops.variance, realOf),
  Where: (_options, condition, a, b) => ops.where(ops.cast(tensorOf(condition), "bool"), ...promoted(a, b)),
  ZerosLike: like(ops.zerosLike),
};

/** Whole numbers take whole powers as they are; all else is real. */
function floatBase(a: Operand, b: Operand): [Operand, Operand] {
  return typeof b === "number" && b >= 0 ? [a, b] : promoted(realOf(a), b);
}

/** Whole indices, counted from the front. */
function ids(indices: unknown): Tensor {
  return ops.cast(tensorOf(indices), "int32");
}

function average(options: OperationOptions, x: Tensor, weights: unknown): Tensor {
  const axes = axisOf(options);
  const along = axes === undefined ? {} : { axes };
  if (weights === null || weights === undefined) return ops.mean(x, along);
  const given = realOf(weights);
  const spread = given.rank === x.rank || typeof axes !== "number" ? given : ops.reshape(given, x.shape.map((dim, i) => (i === normalizeAxis(axes, x.rank, "Average") ? dim : 1)));
  const full = ops.mul(ops.onesLike(x), spread);
  return ops.div(ops.sum(ops.mul(x, full), along), ops.sum(full, along));
}

function expandAll(x: Tensor, axis: unknown): Tensor {
  const axes = [axis as number | number[]].flat();
  const rank = x.rank + axes.length;
  return axes.map((one) => normalizeAxis(one, rank, "ExpandDims")).sort((a, b) => a - b).reduce((y, one) => ops.expandDims(y, one), x);
}

function flipped(x: Tensor, axis: unknown): Tensor {
  return ops.flip(x, axis === null || axis === undefined ? x.shape.map((_, i) => i) : (axis as number | readonly number[]));
}

/** The new axis stands where `axis` says. */
function oneHot(x: Tensor, depth: number, axis: number, dtype: DType): Tensor {
  const hot = ops.oneHot(x, depth, dtype);
  return axis === -1 || axis === hot.rank - 1 ? hot : ops.moveAxis(hot, hot.rank - 1, axis);
}

function padded(x: Tensor, width: unknown, mode: unknown, value: unknown): Tensor {
  if (mode !== "constant") throw new TypeError(`no padding ${String(mode)}`);
  const pairs = typeof width === "number" ? x.shape.map(() => [width, width] as const) : (width as readonly (readonly [number, number])[]);
  return ops.pad(x, pairs, (value ?? 0) as number);
}

/** A free first axis stays as it is where Keras's shape leaves it to be found. */
function reshaped(x: Tensor, shape: readonly (number | null)[]): Tensor {
  return ops.reshape(x, shape.map((dim) => dim ?? -1));
}

/** To so many decimals, halves to the even neighbour. */
function rounded(x: Tensor, decimals: number): Tensor {
  const scale = 10 ** decimals;
  return decimals === 0 ? ops.round(x) : ops.div(ops.round(ops.mul(x, scale)), scale);
}

/** Equal parts, or parts that end at these places. */
function split(x: Tensor, parts: number | readonly number[], axis: number): readonly Tensor[] {
  if (typeof parts === "number") return ops.split(x, parts, axis);
  const at = normalizeAxis(axis, x.rank, "Split");
  const dim = x.shape[at];
  if (typeof dim !== "number") throw new TypeError("expected an axis whose size is known");
  const ends = [...parts, dim];
  return ops.split(x, ends.map((end, i) => end - (ends[i - 1] ?? 0)), at);
}
