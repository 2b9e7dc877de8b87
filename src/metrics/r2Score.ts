import { shapeError } from "../graph/node.js";
import { alignWeight, sameLabels } from "../losses/matchRank.js";
import { badOption } from "../options.js";
import { cast } from "../ops/elementwise/cast.js";
import { sum } from "../ops/reduce/reduce.js";
import { broadcastTo } from "../ops/shape/broadcastTo.js";
import { onesLike } from "../ops/shape/fill.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Sums, defineMetric } from "./metric.js";

/** Options of {@link r2Score}. */
export interface R2ScoreOptions {
  /** How scores of several outputs become one; null for one score each. Default `"uniformAverage"`. */
  readonly classAggregation: "uniformAverage" | "varianceWeightedAverage" | null;
  /** Predictors of the model for the adjusted score, at least 0; 0 for the plain score. Default 0. */
  readonly numRegressors: number;
}

function result(sums: Sums, { classAggregation, numRegressors }: R2ScoreOptions): number | number[] {
  const totals = [...sums["squares"]!].map((squares, i) => squares - sums["labels"]![i]! ** 2 / sums["weight"]![i]!);
  const scores = totals.map((total, i) => {
    const score = 1 - sums["errors"]![i]! / total;
    return Number.isFinite(score) || Number.isNaN(score) ? score : 0;
  });
  const adjusted = (score: number): number => {
    const values = sums["values"]![0]!;
    const free = values - numRegressors - 1;
    // With no more values than predictors there is no adjusted score, and the plain one stands.
    return numRegressors === 0 || free <= 0 ? score : 1 - ((1 - score) * (values - 1)) / free;
  };
  if (classAggregation === null) return scores.map(adjusted);
  const weights = classAggregation === "uniformAverage" ? totals.map(() => 1) : totals;
  const all = weights.reduce((a, b) => a + b, 0);
  return adjusted(scores.reduce((total, score, i) => total + score * weights[i]!, 0) / all);
}

/**
 * 1 − Σ (y − ŷ)² / Σ (y − mean y)², the share of the labels' variance that predictions explain.
 *
 * @throws BAD_ARGUMENT when an option is outside its range
 * @example
 * metrics.r2Score();
 */
export const r2Score = defineMetric<R2ScoreOptions>({
  className: "R2Score",
  defaults: { classAggregation: "uniformAverage", numRegressors: 0 },
  check: ({ classAggregation, numRegressors }, where) => {
    if (![null, "uniformAverage", "varianceWeightedAverage"].includes(classAggregation)) {
      throw badOption(where, "classAggregation", '"uniformAverage", "varianceWeightedAverage" or null', classAggregation);
    }
    if (!(numRegressors >= 0)) throw badOption(where, "numRegressors", "a whole number of at least 0", numRegressors);
  },
  stats: (yTrue, yPred, sampleWeight) => {
    const [label, prediction] = sameLabels("r2Score", yTrue, yPred);
    if (label.rank !== 2) throw shapeError("r2Score", "labels and predictions [batch, outputs]", [yTrue.shape, yPred.shape]);
    const ones = onesLike(label);
    const weight = sampleWeight === undefined ? ones : broadcastTo(alignWeight(cast(sampleWeight, label.dtype), label), label.shape);
    const total = (x: Tensor): Tensor => sum(x.mul(weight), { axes: 0 });
    return {
      labels: total(label),
      squares: total(label.square()),
      errors: total(label.sub(prediction).square()),
      weight: sum(weight, { axes: 0 }),
      values: sum(ones),
    };
  },
  result,
});
