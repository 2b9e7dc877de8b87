import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import { normalizeAxes } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

interface Reduced {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** A reduction over axes that are an attribute or, in newer versions, an input. */
const over =
  (reduce: (x: Tensor, options: Reduced) => Tensor, domain: "float" | "number" = "float"): Rule =>
  (call): Outputs => {
    const x = call.tensor(0);
    if (x.dtype === "bool" || (domain === "float" && !isFloat(x.dtype))) return undefined;
    const given = call.listed("axes", 1) ?? [];
    if (given.length === 0 && call.flag("noop_with_empty_axes")) return reduce(x, { axes: [], keepDims: true });
    const axes = normalizeAxes(given.length === 0 ? undefined : given, x.rank, call.where);
    return reduce(x, { axes, keepDims: call.int("keepdims", 1) !== 0 });
  };

/** The same op over no axes at all, which reductions take as they are. */
const mapped =
  (of: (x: Tensor) => Tensor, reduce: (x: Tensor, options: Reduced) => Tensor) =>
  (x: Tensor, options: Reduced): Tensor =>
    reduce(of(x), options);

function logSumExp(x: Tensor, options: Reduced): Tensor {
  return options.axes.length === 0 ? x : ops.logSumExp(x, options);
}

/** The root of a sum of squares, whose gradient at 0 is 0. */
function euclidean(x: Tensor, options: Reduced): Tensor {
  return options.axes.length === 0 ? ops.abs(x) : ops.norm(x, options);
}

/** Places of extrema, which ONNX counts in int64. */
const placeOf =
  (find: (x: Tensor, axis: number) => Tensor): Rule =>
  (call) => {
    const x = call.tensor(0);
    if (call.flag("select_last_index") || x.rank === 0) return undefined;
    const axis = call.int("axis", 0);
    const found = ops.cast(find(x, axis), "int64");
    return call.int("keepdims", 1) === 0 ? found : ops.expandDims(found, axis < 0 ? axis + x.rank : axis);
  };

function cumSum(call: Call): Outputs {
  const [axis] = call.numbers(1);
  if (axis === undefined) throw call.broken("an axis", "none");
  return ops.cumSum(call.tensor(0), { axis, exclusive: call.flag("exclusive"), reverse: call.flag("reverse") });
}

function topK(call: Call): Outputs {
  const x = call.tensor(0);
  const k = call.has(1) ? call.numbers(1)[0] : call.int("k", 0);
  if (k === undefined || k < 1 || call.int("sorted", 1) === 0) return undefined;
  const [values, indices] = ops.topK(x, k, { axis: call.int("axis", -1), largest: call.int("largest", 1) !== 0 });
  return [values, ops.cast(indices, "int64")];
}

export const reductions: Readonly<Record<string, Rule>> = {
  ArgMax: placeOf(ops.argMax),
  ArgMin: placeOf(ops.argMin),
  CumSum: cumSum,
  ReduceL1: over(mapped(ops.abs, ops.sum), "number"),
  ReduceL2: over(euclidean),
  ReduceLogSum: over((x, options) => ops.log(ops.sum(x, options))),
  ReduceLogSumExp: over(logSumExp),
  ReduceMax: over(ops.max, "number"),
  ReduceMean: over(ops.mean),
  ReduceMin: over(ops.min, "number"),
  ReduceProd: over(ops.prod, "number"),
  ReduceSum: over(ops.sum, "number"),
  ReduceSumSquare: over(mapped((x) => ops.mul(x, x), ops.sum), "number"),
  TopK: topK,
};
