import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { arrayOf } from "../../tensor/dtype.js";
import { type Shape, concreteShape, formatShape, rowMajorStrides, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, mul } from "../elementwise/binary.js";
import { less } from "../elementwise/compare.js";
import { constant } from "../elementwise/literal.js";
import { where } from "../elementwise/where.js";
import { sum } from "../reduce/reduce.js";
import { reshape } from "../shape/reshape.js";
import { gather, scatterAdd } from "./gather.js";
import { wholeIndices } from "./wholeIndices.js";

/** Positions in the first K axes, given along the last axis, as positions in those axes laid flat. */
function flatIndices(op: string, indices: Tensor, shape: Shape): { flat: Tensor; size: number; rest: Shape } {
  wholeIndices(op, indices);
  const depth = indices.shape.at(-1);
  if (typeof depth !== "number" || depth > shape.length) {
    throw shapeError(op, `positions of at most ${shape.length} numbers along the last axis, for ${formatShape(shape)}`, [indices.shape]);
  }
  const sizes = concreteShape(shape.slice(0, depth), op);
  const vector = (values: readonly number[]): Tensor => constant(arrayOf(indices.dtype, values), [depth], indices.dtype);
  const counted = where(less(indices, 0), add(indices, vector(sizes)), indices);
  const flat = sum(mul(counted, vector(rowMajorStrides(sizes))), { axes: -1 });
  return { flat, size: sizes.reduce((a, b) => a * b, 1), rest: shape.slice(depth) };
}

/**
 * The elements or slices at positions that are given along the last axis of `indices`:
 * y[i…] = x[indices[i…,0], …, indices[i…,K−1]]. Negative positions count from the back; those
 * outside are not checked axis by axis.
 *
 * @shape [...P,...R], [...I,K] → [...I,...R] with K axes in P
 * @example
 * console.log(await ops.gatherND([[1, 2], [3, 4]], tensor([[1, 0], [0, 1]], { dtype: "int32" })).toArray()); // [3, 2]
 */
export function gatherND(x: TensorLike, indices: TensorLike): Tensor {
  const value = toTensor(x);
  const { flat, size, rest } = flatIndices("gatherND", toTensor(indices, "int32"), value.shape);
  return gather(reshape(value, [size, ...rest]), flat);
}

/**
 * Zeros of `shape` with updates added at positions, those of equal position summed: the adjoint of
 * {@link gatherND}.
 *
 * @shape [...I,...R], [...I,K] → shape, [...P,...R] with K axes in P
 * @example
 * console.log(await ops.scatterND([5, 6], tensor([[1, 0], [0, 1]], { dtype: "int32" }), [2, 2]).toArray()); // [[0, 6], [5, 0]]
 */
export function scatterND(updates: TensorLike, indices: TensorLike, shape: Shape): Tensor {
  const [values, places] = [toTensor(updates), toTensor(indices, "int32")];
  const { flat, size, rest } = flatIndices("scatterND", places, shape);
  if (!sameShape(values.shape, [...flat.shape, ...rest])) {
    throw shapeError("scatterND", `updates of shape ${formatShape([...flat.shape, ...rest])}`, [values.shape]);
  }
  return reshape(scatterAdd(values, flat, size), shape);
}
