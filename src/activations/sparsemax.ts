import { cast } from "../ops/elementwise/cast.js";
import { greater } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import { where } from "../ops/elementwise/where.js";
import { sort } from "../ops/indexing/topK.js";
import { cumSum } from "../ops/reduce/cumulative.js";
import { concreteDim } from "../tensor/dim.js";
import { arrayOf } from "../tensor/dtype.js";
import { normalizeAxis } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * max(x − τ, 0) along an axis. With z, the elements in falling order, Cᵢ = z₁ + … + zᵢ, and the
 * support S = {i : zᵢ > (Cᵢ − 1) / i}, τ is (Σ_{i in S} Cᵢ − 1) / |S|, as Keras 3 computes it.
 * The paper's τ is (C_{|S|} − 1) / |S|: outputs add up to 1 only where both agree, as for |S| = 1.
 * @example
 * console.log(await activations.sparsemax(tensor([0, 0, 0.5])).toArray()); // [0, 0, 0.3333]
 */
export function sparsemax(x: Tensor, options: { /** Default −1. */ readonly axis?: number } = {}): Tensor {
  const axis = normalizeAxis(options.axis ?? -1, x.rank, "sparsemax");
  const size = concreteDim(x.shape[axis]!, "sparsemax");
  const sorted = sort(x, { axis, descending: true });
  const sums = cumSum(sorted, { axis });
  const shape = x.shape.map((_, i) => (i === axis ? size : 1));
  const counts = constant(arrayOf(x.dtype, Array.from({ length: size }, (_, i) => i + 1)), shape, x.dtype);
  const support = greater(sorted, sums.sub(1).div(counts));
  const along = { axes: axis, keepDims: true };
  const threshold = where(support, sums, 0).sum(along).sub(1).div(cast(support, x.dtype).sum(along));
  return x.sub(threshold).relu();
}
