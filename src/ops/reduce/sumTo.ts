import { type Shape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { reshape } from "../shape/reshape.js";
import { sum } from "./reduce.js";

/**
 * Sums a tensor over the axes along which `shape` was broadcast to it:
 * the adjoint of broadcasting.
 *
 * @shape [...] → shape
 * @example
 * console.log(await ops.sumTo(tensor([[1, 2], [3, 4]]), [1, 2]).toArray()); // [[4, 6]]
 */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.rank - shape.length;
  const axes = x.shape.flatMap((dim, i) => (i < extra || (shape[i - extra] === 1 && dim !== 1) ? [i] : []));
  // Leading axes that go away at once need no reshape after.
  const keepDims = axes.some((axis) => axis >= extra);
  return reshape(axes.length === 0 ? x : sum(x, { axes, keepDims }), shape);
}
