import { EPSILON } from "../epsilon.js";
import { maximum } from "../ops/elementwise/binary.js";
import { rsqrt, square } from "../ops/elementwise/unary.js";
import { sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineLoss } from "./loss.js";

/** x with norm 1 along an axis; 0 stays 0. */
function unit(x: Tensor, axis: number): Tensor {
  return x.mul(rsqrt(maximum(sum(square(x), { axes: axis, keepDims: true }), EPSILON ** 2)));
}

/**
 * −cos(y, ŷ) along an axis: −1 for the same direction.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.cosineSimilarity() });
 */
export const cosineSimilarity = defineLoss<{ /** Default −1. */ readonly axis: number }>({
  className: "CosineSimilarity",
  defaults: { axis: -1 },
  sameShape: true,
  call: (yTrue, yPred, { axis }) => sum(unit(yTrue, axis).mul(unit(yPred, axis)), { axes: axis }).neg(),
});
