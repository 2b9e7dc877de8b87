import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { arrayOf, type DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { constant } from "../elementwise/literal.js";
import { broadcastTo } from "./broadcastTo.js";
import { reshape } from "./reshape.js";

/**
 * Evenly spaced numbers from `start` to `stop`, with `stop` unless `endpoint` is false. @shape → [count]
 * @example
 * console.log(await ops.linspace(0, 1, 3).toArray()); // [0, 0.5, 1]
 */
export function linspace(
  start: number,
  stop: number,
  count: number,
  { endpoint = true, dtype = "float32" }: { readonly endpoint?: boolean; readonly dtype?: DType } = {},
): Tensor {
  const steps = Math.max(1, endpoint ? count - 1 : count);
  const values = Array.from({ length: count }, (_, i) => (i === steps ? stop : start + ((stop - start) * i) / steps));
  return constant(arrayOf(dtype, values), [count], dtype);
}

/**
 * The coordinates of a grid: for each vector, its elements along an axis of its own, repeated along
 * the others. "xy" puts the second vector on the first axis, as images have it; "ij" keeps the order.
 *
 * @param indexing default "xy"
 * @shape [N], [M] → [M,N], [M,N]
 * @example
 * console.log(await ops.meshgrid([[1, 2], [3, 4]])[0]!.toArray()); // [[1, 2], [1, 2]]
 */
export function meshgrid(vectors: readonly TensorLike[], indexing: "xy" | "ij" = "xy"): Tensor[] {
  const values = vectors.map((x) => toTensor(x));
  const long = values.find((value) => value.rank !== 1);
  if (long !== undefined) throw shapeError("meshgrid", "vectors", [long.shape]);
  const order = values.map((_, i) => (indexing === "xy" && values.length > 1 && i < 2 ? 1 - i : i));
  const shape = order.map((i) => values[i]!.shape[0]!);
  return values.map((value, i) => broadcastTo(reshape(value, shape.map((dim, axis) => (order[axis] === i ? dim : 1))), shape));
}
