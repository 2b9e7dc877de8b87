import { cast } from "../ops/elementwise/cast.js";
import { equal, logicalAnd } from "../ops/elementwise/compare.js";
import { maximum } from "../ops/elementwise/binary.js";
import { where } from "../ops/elementwise/where.js";
import { mean, sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Loss, Reduction } from "./loss.js";
import { alignWeight, combineWeights, matchRank } from "./matchRank.js";

/**
 * The scalar that training makes small: (Σ weight · value) / (number of values) by default.
 * Weights do not change the divisor. Where there is a mask, only valid values count in both; with
 * the reduction `"none"` the weighted values are returned.
 *
 * @param sampleWeight one weight per sample, or per sample and step
 * @param mask the predictions' mask of valid steps, bool
 * @example
 * const loss = losses.reduceLoss(losses.meanSquaredError(), tensor([[1], [2]]), tensor([[1], [4]]));
 * console.log(await loss.item()); // 2
 */
export function reduceLoss(
  loss: Loss,
  yTrue: Tensor,
  yPred: Tensor,
  sampleWeight?: Tensor,
  mask?: Tensor,
): Tensor {
  const values = loss.call(yTrue, yPred);
  const valid = both(mask, loss.valid?.(yTrue, values));
  const weight = combineWeights(
    sampleWeight && cast(sampleWeight, values.dtype),
    valid && maskWeight(valid, values, loss.reduction),
  );
  if (weight === undefined) return reduceValues(values, undefined, loss.reduction);
  const [matched, factor] = matchRank(values, weight);
  const aligned = alignWeight(factor, matched);
  return reduceValues(matched.mul(aligned), aligned, loss.reduction);
}

function both(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [x, y] = matchRank(a, b);
  return logicalAnd(x, y);
}

/** A mask as weights; scaled up where the reduction divides by all values and not by the valid ones. */
function maskWeight(mask: Tensor, values: Tensor, reduction: Reduction): Tensor {
  const kept = cast(mask, values.dtype);
  if (reduction !== "mean" && reduction !== "sumOverBatchSize") return kept;
  // A batch without any valid value has loss 0 and not NaN; a share is never smaller than this.
  return kept.div(maximum(mean(kept), 1e-12));
}

function reduceValues(values: Tensor, weight: Tensor | undefined, reduction: Reduction): Tensor {
  if (reduction === "none") return values;
  if (reduction === "sum") return sum(values);
  if (reduction === "meanWithSampleWeight" && weight !== undefined) {
    const total = sum(weight);
    // Where nothing counts the loss is 0, and so is its gradient.
    return sum(values).div(where(equal(total, 0), 1, total));
  }
  return mean(values);
}
