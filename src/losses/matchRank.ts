import { cast } from "../ops/elementwise/cast.js";
import { expandDims, squeeze } from "../ops/shape/reshape.js";
import type { DType } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import { requireSameShape } from "./sameShapes.js";

/**
 * Two tensors whose ranks differ by a last axis of size 1, brought to one rank: the vector of the
 * two gets the axis, or else the longer one loses it. Others are returned as they are.
 */
export function matchRank(a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (a.rank === b.rank + 1 && a.shape.at(-1) === 1) {
    return b.rank === 1 ? [a, expandDims(b, -1)] : [squeeze(a, -1), b];
  }
  if (b.rank === a.rank + 1 && b.shape.at(-1) === 1) {
    return a.rank === 1 ? [expandDims(a, -1), b] : [a, squeeze(b, -1)];
  }
  return [a, b];
}

/** Labels in the predictions' dtype, or a given one, and both in one rank: how losses and metrics see them. */
export function matchLabels(yTrue: Tensor, yPred: Tensor, dtype: DType = yPred.dtype): [Tensor, Tensor] {
  return matchRank(cast(yTrue, dtype), yPred);
}

/** {@link matchLabels}, refusing labels of another shape. @throws SHAPE_MISMATCH naming `where` */
export function sameLabels(where: string, yTrue: Tensor, yPred: Tensor): [Tensor, Tensor] {
  const pair = matchLabels(yTrue, yPred);
  requireSameShape(where, ...pair);
  return pair;
}

/** Weights with trailing axes of size 1 up to the rank of `values`, as a weight counts for all that lies below it. */
export function alignWeight(weight: Tensor, values: Tensor): Tensor {
  const missing = values.rank - weight.rank;
  if (missing <= 0) return weight;
  return weight.reshape([...weight.shape, ...Array.from({ length: missing }, () => 1)]);
}

/** Two weights of the same values as one; undefined where there is none. */
export function combineWeights(sampleWeight: Tensor | undefined, mask: Tensor | undefined): Tensor | undefined {
  if (sampleWeight === undefined || mask === undefined) return sampleWeight ?? mask;
  const [factor, weight] = matchRank(mask, cast(sampleWeight, mask.dtype));
  return alignWeight(weight, factor).mul(alignWeight(factor, weight));
}
