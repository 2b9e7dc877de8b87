import { toTensor, toTensors, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { mulDims } from "../../tensor/dim.js";
import { normalizeAxis, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mul } from "../elementwise/binary.js";
import { sum } from "../reduce/reduce.js";
import { diagonal } from "../shape/band.js";
import { moveAxis } from "../shape/arrange.js";
import { expandDims, reshape } from "../shape/reshape.js";
import { matmul } from "./matmul.js";

/** Which axes {@link tensorDot} sums over: those of x, and their partners in y. */
export interface TensorDotOptions {
  /** A number n pairs the last n axes of x with the first n of y, in order. Default 2. */
  readonly axes?: number | readonly [x: readonly number[], y: readonly number[]];
}

/**
 * Σ over pairs of axes, with the other axes of x and then those of y left over.
 *
 * @throws SHAPE_MISMATCH when the axes of a pair differ in size
 * @shape [A,K], [K,B] → [A,B] for one pair
 * @example
 * console.log(await ops.tensorDot([[1, 2], [3, 4]], [[1], [10]], { axes: 1 }).toArray()); // [[21], [43]]
 */
export function tensorDot(x: TensorLike, y: TensorLike, { axes = 2 }: TensorDotOptions = {}): Tensor {
  const [left, right] = toTensors(x, y);
  const count = typeof axes === "number" ? axes : axes[0].length;
  const range = Array.from({ length: count }, (_, i) => i);
  const [ofLeft, ofRight] = typeof axes === "number" ? [range.map((i) => left.rank - count + i), range] : axes;
  const at = (list: readonly number[], { rank }: Tensor): number[] => list.map((axis) => normalizeAxis(axis, rank, "tensorDot"));
  const [sources, partners] = [at(ofLeft, left), at(ofRight, right)];
  const fits = sources.length === partners.length && sources.every((axis, i) => left.shape[axis] === right.shape[partners[i]!]);
  if (!fits) throw shapeError("tensorDot", "axes in pairs of equal size", [left.shape, right.shape]);
  const rows = left.shape.filter((_, i) => !sources.includes(i));
  const columns = right.shape.filter((_, i) => !partners.includes(i));
  const inner = symbolicSize(sources.map((axis) => left.shape[axis]!));
  const a = reshape(moveAxis(left, sources, sources.map((_, i) => rows.length + i)), [symbolicSize(rows), inner]);
  const b = reshape(moveAxis(right, partners, partners.map((_, i) => i)), [inner, symbolicSize(columns)]);
  return reshape(matmul(a, b), [...rows, ...columns]);
}

/**
 * NumPy's dot product: Σ over the last axis of x and the second last of y, or its only one; a
 * scalar multiplies.
 *
 * @shape [A,K], [B,K,C] → [A,B,C]
 * @example
 * console.log(await ops.dot([1, 2], [3, 4]).toArray()); // 11
 */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = toTensors(x, y);
  if (left.rank === 0 || right.rank === 0) return mul(left, right);
  return tensorDot(left, right, { axes: [[-1], [right.rank === 1 ? 0 : -2]] });
}

/**
 * xᵢ · yⱼ for all pairs, of operands that are laid flat. @shape [A], [B] → [A,B]
 * @example
 * console.log(await ops.outer([1, 2], [3, 4]).toArray()); // [[3, 4], [6, 8]]
 */
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = toTensors(x, y);
  return mul(reshape(left, [symbolicSize(left.shape), 1]), reshape(right, [symbolicSize(right.shape)]));
}

/**
 * The Kronecker product: each element of x times the whole of y, in its place. @shape [A,B], [C,D] → [A·C,B·D]
 * @example
 * console.log(await ops.kron([[1, 2]], [[1, 10]]).toArray()); // [[1, 10, 2, 20]]
 */
export function kron(x: TensorLike, y: TensorLike): Tensor {
  let [left, right] = toTensors(x, y);
  while (left.rank < right.rank) left = expandDims(left, 0);
  while (right.rank < left.rank) right = expandDims(right, 0);
  const a = reshape(left, left.shape.flatMap((dim) => [dim, 1])); // [A,1,B,1]
  const b = reshape(right, right.shape.flatMap((dim) => [1, dim])); // [1,C,1,D]
  return reshape(mul(a, b), left.shape.map((dim, i) => mulDims(dim, right.shape[i]!)));
}

/**
 * The sum of the main diagonal of the matrices in the last two axes. @shape [...,N,N] → [...]
 * @example
 * console.log(await ops.trace([[1, 2], [3, 4]]).toArray()); // 5
 */
export function trace(x: TensorLike): Tensor {
  return sum(diagonal(toTensor(x)), { axes: -1 });
}
