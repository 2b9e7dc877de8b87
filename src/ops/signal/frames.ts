import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import type { Tensor } from "../../tensor/tensor.js";
import { constant } from "../elementwise/literal.js";
import { gather } from "../indexing/gather.js";

/**
 * Windows of `length` elements of the last axis, each `step` elements after the one before; what
 * is left over at the end is dropped.
 *
 * @throws SHAPE_MISMATCH when the axis is shorter than one frame
 * @shape [...,T] → [...,⌊(T − length) / step⌋ + 1,length]
 * @example
 * console.log(await ops.frames([1, 2, 3, 4], 2, 1).toArray()); // [[1, 2], [2, 3], [3, 4]]
 */
export function frames(x: TensorLike, length: number, step: number): Tensor {
  const value = toTensor(x);
  const size = concreteDim(value.shape.at(-1) ?? 0, "frames");
  const fits = Number.isInteger(length) && Number.isInteger(step) && length >= 1 && step >= 1 && length <= size;
  if (!fits) throw shapeError("frames", `a length and step of at least 1 within ${size} elements, not ${length} and ${step}`, [value.shape]);
  const count = Math.floor((size - length) / step) + 1;
  const places = Int32Array.from({ length: count * length }, (_, i) => Math.floor(i / length) * step + (i % length));
  return gather(value, constant(places, [count, length], "int32"), -1);
}
