import * as ops from "../../../ops/index.js";
import { isFloat, type DType } from "../../../tensor/dtype.js";
import { concreteShape, normalizeAxis } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

function gather(call: Call): Outputs {
  const x = call.tensor(0);
  return ops.gather(x, whole(call.tensor(1)), call.int("axis", 0));
}

/** Indices of the types that gathering takes. */
function whole(indices: Tensor): Tensor {
  return indices.dtype === "int32" || indices.dtype === "int64" ? indices : ops.cast(indices, "int64");
}

/** The part of x that indices of another size reach on the other axes. */
function cropped(x: Tensor, like: Tensor, axis: number): Tensor {
  return ops.slice(x, x.shape.map(() => 0), x.shape.map((dim, i) => (i === axis ? dim : like.shape[i]!)));
}

function gatherElements(call: Call): Outputs {
  const [x, indices] = [call.tensor(0), whole(call.tensor(1))];
  const axis = normalizeAxis(call.int("axis", 0), x.rank, call.where);
  return ops.takeAlong(cropped(x, indices, axis), indices, axis);
}

const MAX_ROWS = 2 ** 22;

/** With batch axes, each row's own number becomes a part of its position. */
function gatherND(call: Call): Outputs {
  const [x, indices] = [call.tensor(0), whole(call.tensor(1))];
  const batchDims = call.int("batch_dims", 0);
  if (batchDims === 0) return ops.gatherND(x, indices);
  const shape = concreteShape(indices.shape.slice(0, -1), call.where);
  if (shape.some((size) => size > MAX_ROWS)) throw call.broken(`at most ${MAX_ROWS} rows`, shape.join());
  const rows = shape.slice(0, batchDims).map((size, axis) => {
    const count = ops.reshape(ops.arange(size, indices.dtype), shape.map((_, i) => (i === axis ? size : 1)));
    return ops.expandDims(ops.broadcastTo(count, shape), shape.length);
  });
  return ops.gatherND(x, ops.concat([...rows, indices], -1));
}

/** Updates put over x: those that nothing updates stay. */
function overwritten(x: Tensor, put: (updates: Tensor) => Tensor, updates: Tensor, reduction: string): Tensor {
  if (reduction === "add") return ops.add(x, put(updates));
  const touched = ops.greater(put(ops.onesLike(updates)), 0);
  return ops.where(touched, put(updates), x);
}

function scatterElements(call: Call): Outputs {
  const [x, indices, updates] = [call.tensor(0), whole(call.tensor(1)), call.tensor(2)];
  const reduction = call.string("reduction", "none");
  const axis = normalizeAxis(call.int("axis", 0), x.rank, call.where);
  const size = x.shape[axis];
  if (!isFloat(x.dtype) || !["none", "add"].includes(reduction) || typeof size !== "number") return undefined;
  const shape = concreteShape(x.shape, call.where);
  const put = (values: Tensor): Tensor => {
    const placed = ops.putAlong(values, indices, size, axis);
    return ops.pad(placed, placed.shape.map((dim, i) => [0, shape[i]! - Number(dim)] as const));
  };
  return overwritten(x, put, updates, reduction);
}

function scatterND(call: Call): Outputs {
  const [x, indices, updates] = [call.tensor(0), whole(call.tensor(1)), call.tensor(2)];
  const reduction = call.string("reduction", "none");
  if (!isFloat(x.dtype) || !["none", "add"].includes(reduction)) return undefined;
  return overwritten(x, (values) => ops.scatterND(values, indices, concreteShape(x.shape, call.where)), updates, reduction);
}

/** `off` everywhere but at the indices, which may count from the back. */
function oneHot(call: Call): Outputs {
  const [given, values] = [call.tensor(0), call.tensor(2)];
  const depth = call.numbers(1)[0];
  if (depth === undefined || depth < 1) throw call.broken("a depth of at least 1", String(depth));
  const indices = ops.cast(given, "int32");
  const counted = ops.where(ops.less(indices, 0), ops.add(indices, depth), indices);
  const axis = call.int("axis", -1);
  const at = axis < 0 ? axis + indices.rank + 1 : axis;
  const hot = ops.moveAxis(ops.oneHot(counted, depth, "int32"), -1, at);
  const [off, on] = ops.split(values, 2, 0) as readonly [Tensor, Tensor];
  return ops.where(ops.greater(hot, 0), on, off);
}

function eyeLike(call: Call): Outputs {
  const [rows, columns] = concreteShape(call.value(0).shape, call.where) as [number, number];
  const types: Readonly<Record<number, DType>> = { 1: "float32", 6: "int32", 7: "int64", 9: "bool", 11: "float64" };
  const dtype = call.attribute("dtype") === undefined ? call.value(0).dtype : types[call.int("dtype", 1)];
  return dtype === undefined || rows * columns > MAX_ROWS ? undefined : ops.cast(ops.eye(rows, columns, call.int("k", 0)), dtype);
}

export const indexing: Readonly<Record<string, Rule>> = {
  EyeLike: eyeLike,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  OneHot: oneHot,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
};
