import type { Spec } from "../../graph/node.js";
import { type Dim, addDims } from "../../tensor/dim.js";
import type { DType } from "../../tensor/dtype.js";
import { type Shape, broadcastShapes, normalizeAxes, normalizeAxis } from "../../tensor/shape.js";
import { dtypeOfElementType } from "../proto.js";
import { type Call, NotConstant } from "./call.js";
import { windowOf } from "./ops/convolution.js";
import { symbolName } from "./symbols.js";
import { Value } from "./value.js";

/** Shapes and dtypes of a node's outputs; undefined where they cannot be told. */
type SpecRule = (call: Call) => readonly Spec[] | undefined;

/** A dimension that only running tells, with the same name in each trace. */
function unknown(call: Call, axis: number): string {
  return symbolName(`${call.node.outputs[0] ?? call.node.name}_${axis}`);
}

const same: SpecRule = (call) => [specOf(call.value(0))];

function specOf({ shape, dtype }: Value): Spec {
  return { shape, dtype };
}

const broadcast =
  (dtype?: DType): SpecRule =>
  (call) => {
    const shapes = call.inputs.filter((input) => input !== undefined).map(({ shape }) => shape);
    return [{ shape: shapes.reduce((a, b) => broadcastShapes(a, b, call.where)), dtype: dtype ?? call.value(0).dtype }];
  };

/** The dtype that an attribute names. */
function named(call: Call, attribute: string, otherwise: DType): DType | undefined {
  return call.attribute(attribute) === undefined ? otherwise : dtypeOfElementType(call.int(attribute, 0));
}

const typed =
  (attribute: string, shapeOf: (call: Call) => Shape, otherwise: (call: Call) => DType): SpecRule =>
  (call) => {
    const dtype = named(call, attribute, otherwise(call));
    return dtype === undefined ? undefined : [{ shape: shapeOf(call), dtype }];
  };

/** As many axes as the first input has, of sizes that only running tells. */
function open(call: Call, sameRank = true): readonly Spec[] | undefined {
  const x = call.value(0);
  return sameRank ? [{ shape: x.shape.map((_, axis) => unknown(call, axis)), dtype: x.dtype }] : undefined;
}

const reduced =
  (dtype?: DType): SpecRule =>
  (call) => {
    const x = call.value(0);
    if (dtype === undefined && call.has(1) && call.value(1).items === undefined) return open(call, call.int("keepdims", 1) !== 0);
    const given = dtype === undefined ? (call.listed("axes", 1) ?? []) : [call.int("axis", 0)];
    if (given.length === 0 && call.flag("noop_with_empty_axes")) return [specOf(x)];
    const axes = normalizeAxes(given.length === 0 ? undefined : given, x.rank, call.where);
    const keep = call.int("keepdims", 1) !== 0;
    const shape = keep ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) : x.shape.filter((_, i) => !axes.includes(i));
    return [{ shape, dtype: dtype ?? x.dtype }];
  };

const pooled: SpecRule = (call) => {
  const x = call.value(0);
  const sizes = x.shape.slice(2);
  if (sizes.some((dim) => typeof dim === "string")) return undefined;
  const kernel = call.ints("kernel_shape") ?? call.value(1).shape.slice(2).map(Number);
  const { strides, dilations, padding } = windowOf(call, sizes as readonly number[], kernel);
  const spatial = (sizes as readonly number[]).map((size, i) => {
    const [before, after] = padding[i]!;
    const room = (before + size + after - (kernel[i]! - 1) * dilations[i]! - 1) / strides[i]!;
    return (call.flag("ceil_mode") ? Math.ceil(room) : Math.floor(room)) + 1;
  });
  const channels = call.ints("kernel_shape") === undefined || call.node.opType.startsWith("Conv") ? call.value(1).shape[0]! : x.shape[1]!;
  const shape = [x.shape[0]!, channels, ...spatial];
  return [{ shape, dtype: x.dtype }, { shape, dtype: "int64" }];
};

const recurrent =
  (states: number): SpecRule =>
  (call) => {
    const x = call.value(0);
    const [directions, , hidden] = call.value(2).shape as readonly [Dim, Dim, Dim];
    const batchFirst = call.flag("layout");
    const [steps, batch] = batchFirst ? [x.shape[1]!, x.shape[0]!] : [x.shape[0]!, x.shape[1]!];
    const state: Shape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
    const all: Shape = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
    return [all, ...Array.from({ length: states }, () => state)].map((shape) => ({ shape, dtype: x.dtype }));
  };

const topK: SpecRule = (call) => {
  const x = call.value(0);
  const axis = normalizeAxis(call.int("axis", -1), x.rank, call.where);
  const k = call.has(1) ? call.value(1).items?.[0] : call.int("k", 0);
  const shape = x.shape.map((dim, i) => (i === axis ? (k ?? unknown(call, i)) : dim));
  return [{ shape, dtype: x.dtype }, { shape, dtype: "int64" }];
};

/** Both branches are built to see what they give. */
const branches: SpecRule = (call) => {
  const [then, otherwise] = ["then_branch", "else_branch"].map((name) => call.run.inline(call.graph(name), []));
  return then!.map((value, i) => ({ dtype: value.dtype, shape: joined(call, value.shape, otherwise![i]!.shape) }));
};

/** Where two shapes differ, a dimension is open. */
function joined(call: Call, a: Shape, b: Shape): Shape {
  if (a.length !== b.length) throw new NotConstant(call.where, 0, call.value(0));
  return a.map((dim, axis) => (dim === b[axis] ? dim : unknown(call, axis)));
}

/** One step is built to see what it gives. */
const loop: SpecRule = (call) => {
  const states = call.inputs.slice(2).map((_, i) => call.value(i + 2));
  const unfixed = (value: Value): Value => Value.of(value.tensor);
  const inputs = [Value.of(Value.items([0], "int64", []).tensor), Value.of(Value.items([1], "bool", []).tensor), ...states.map(unfixed)];
  const results = call.run.inline(call.graph("body"), inputs).slice(1);
  const count = call.inputs[0]?.items?.[0];
  const steps = count === undefined || call.inputs[1] !== undefined ? unknown(call, 0) : count;
  return results.map((result, i) => {
    const state = states[i];
    if (state !== undefined) return { dtype: result.dtype, shape: joined(call, state.shape, result.shape) };
    return { dtype: result.dtype, shape: [steps, ...result.shape] };
  });
};

const compressed: SpecRule = (call) => {
  const x = call.value(0);
  if (call.attribute("axis") === undefined) return [{ shape: [unknown(call, 0)], dtype: x.dtype }];
  const axis = normalizeAxis(call.int("axis", 0), x.rank, call.where);
  return [{ shape: x.shape.map((dim, i) => (i === axis ? unknown(call, i) : dim)), dtype: x.dtype }];
};

const unique: SpecRule = (call) => {
  const [spec] = compressed(call)!;
  const count = spec!.shape.find((dim) => String(dim).startsWith(symbolName(call.node.outputs[0] ?? call.node.name))) ?? unknown(call, 0);
  const size: Dim = call.attribute("axis") === undefined ? unknown(call, 9) : call.value(0).shape.at(normalizeAxis(call.int("axis", 0), call.value(0).rank, call.where))!;
  return [spec!, ...[count, size, count].map((dim): Spec => ({ shape: [dim], dtype: "int64" }))];
};

const gridSample: SpecRule = (call) => {
  const [x, grid] = [call.value(0), call.value(1)];
  return [{ shape: [...x.shape.slice(0, 2), ...grid.shape.slice(1, -1)], dtype: x.dtype }];
};

const roiAlign: SpecRule = (call) => {
  const size: Shape = [call.int("output_height", 1), call.int("output_width", 1)];
  return [{ shape: [call.value(1).shape[0]!, call.value(0).shape[1]!, ...size], dtype: call.value(0).dtype }];
};

const quantized: SpecRule = (call) => {
  const zero = call.inputs[2]?.dtype;
  const dtype = zero ?? named(call, "output_dtype", "uint8");
  return dtype === undefined ? undefined : [{ shape: call.value(0).shape, dtype }];
};

const matMul =
  (dtype: DType): SpecRule =>
  (call) => {
    const [a, b] = [call.value(0).shape, call.value(call.node.opType === "QLinearMatMul" ? 3 : 1).shape];
    if (a.length < 2 || b.length < 2) return undefined;
    return [{ shape: [...broadcastShapes(a.slice(0, -2), b.slice(0, -2), call.where), a.at(-2)!, b.at(-1)!], dtype }];
  };

const nllLoss: SpecRule = (call) => {
  const [x, labels] = [call.value(0), call.value(1)];
  const shape: Shape = call.string("reduction", "mean") === "none" ? labels.shape : [];
  return [{ shape, dtype: x.dtype }, specOf(x)];
};

const nonMaxSuppression: SpecRule = (call) => [{ shape: [unknown(call, 0), 3], dtype: "int64" }];

const UNARY = ["BitwiseNot", "Clip", "Hardmax", "LogSoftmax", "MaxRoiPool", "Neg", "Relu", "ReverseSequence", "ScatterElements", "ScatterND", "Scatter", "Sign", "Softmax", "Trilu", "Round", "CumSum", "LpNormalization", "LRN", "Abs", "Bernoulli"];
const BINARY = ["Add", "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Or", "PRelu", "Pow", "Sub", "Sum", "Xor"];

const RULES: Readonly<Record<string, SpecRule>> = {
  ...Object.fromEntries(UNARY.map((name) => [name, same])),
  ...Object.fromEntries(BINARY.map((name) => [name, broadcast()])),
  ...Object.fromEntries(["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"].map((name) => [`Reduce${name}`, reduced()])),
  ArgMax: reduced("int64"),
  ArgMin: reduced("int64"),
  AveragePool: pooled,
  Compress: compressed,
  Conv: pooled,
  Det: (call) => [{ shape: call.value(0).shape.slice(0, -2), dtype: call.value(0).dtype }],
  DynamicQuantizeLinear: (call) => [
    { shape: call.value(0).shape, dtype: "uint8" },
    { shape: [], dtype: "float32" },
    { shape: [], dtype: "uint8" },
  ],
  GRU: recurrent(1),
  GridSample: gridSample,
  If: branches,
  IsInf: (call) => [{ shape: call.value(0).shape, dtype: "bool" }],
  LSTM: recurrent(2),
  Loop: loop,
  LpPool: pooled,
  MatMulInteger: matMul("int32"),
  MaxPool: pooled,
  MaxUnpool: (call) => {
    const shape = call.inputs[2]?.items;
    return shape && [{ shape, dtype: call.value(0).dtype }];
  },
  Multinomial: typed("dtype", (call) => [call.value(0).shape[0]!, call.int("sample_size", 1)], () => "int32"),
  NegativeLogLikelihoodLoss: nllLoss,
  NonMaxSuppression: nonMaxSuppression,
  NonZero: (call) => [{ shape: [call.value(0).rank, unknown(call, 1)], dtype: "int64" }],
  QLinearMatMul: (call) => matMul(call.value(7).dtype)(call),
  QuantizeLinear: quantized,
  RNN: recurrent(1),
  RandomNormal: typed("dtype", (call) => call.ints("shape") ?? [], () => "float32"),
  RandomNormalLike: typed("dtype", (call) => call.value(0).shape, (call) => call.value(0).dtype),
  RandomUniform: typed("dtype", (call) => call.ints("shape") ?? [], () => "float32"),
  RandomUniformLike: typed("dtype", (call) => call.value(0).shape, (call) => call.value(0).dtype),
  Range: (call) => [{ shape: [unknown(call, 0)], dtype: call.value(0).dtype }],
  RoiAlign: roiAlign,
  SoftmaxCrossEntropyLoss: nllLoss,
  TopK: topK,
  Unique: unique,
  Pad: (call) => {
    const x = call.value(0);
    if (call.has(1) && (call.value(1).items === undefined || call.has(3))) return open(call);
    const pads = call.listed("pads", 1);
    return pads?.length === 2 * x.rank ? [{ shape: x.shape.map((dim, i) => addDims(dim, pads[i]! + pads[x.rank + i]!)), dtype: x.dtype }] : undefined;
  },
};

/** The outputs of a node that is carried as it is, as far as its operator tells. */
export function carriedSpecs(call: Call): readonly Spec[] | undefined {
  if (call.node.domain !== "") return undefined;
  const specs = RULES[call.node.opType]?.(call);
  return specs === undefined || specs.length < call.node.outputs.length ? undefined : specs.slice(0, call.node.outputs.length);
}
