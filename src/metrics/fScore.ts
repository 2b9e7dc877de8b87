import { EPSILON } from "../epsilon.js";
import { shapeError } from "../graph/node.js";
import { badOption } from "../options.js";
import { alignWeight } from "../losses/matchRank.js";
import { requireSameShape } from "../losses/sameShapes.js";
import { cast } from "../ops/elementwise/cast.js";
import { greater, greaterEqual, logicalAnd } from "../ops/elementwise/compare.js";
import { max, sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Sums, defineMetric } from "./metric.js";

/** Options of {@link f1Score}. */
export interface F1ScoreOptions {
  /** null for one score per class, or how they become one. Default null. */
  readonly average: "micro" | "macro" | "weighted" | null;
  /** A prediction is positive above it, 0 to 1; null: the largest of a sample is. Default null. */
  readonly threshold: number | null;
}

/** Options of {@link fBetaScore}. */
export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How much more recall counts than precision, above 0. Default 1. */
  readonly beta: number;
}

/** 1 where a prediction is positive. */
function decisions(yPred: Tensor, threshold: number | null): Tensor {
  if (threshold !== null) return cast(greater(yPred, threshold), yPred.dtype);
  const largest = greaterEqual(yPred, max(yPred, { axes: -1, keepDims: true }));
  return cast(logicalAnd(largest, greater(yPred.abs(), 1e-9)), yPred.dtype);
}

function check({ average, threshold }: F1ScoreOptions, where: string): void {
  if (average !== null && !["micro", "macro", "weighted"].includes(average)) {
    throw badOption(where, "average", '"micro", "macro", "weighted" or null', average);
  }
  if (threshold !== null && !(threshold > 0 && threshold <= 1)) {
    throw badOption(where, "threshold", "a number above 0 and at most 1, or null", threshold);
  }
}

function stats(
  yTrue: Tensor,
  yPred: Tensor,
  sampleWeight: Tensor | undefined,
  { average, threshold }: F1ScoreOptions,
): Record<string, Tensor> {
  if (yPred.rank !== 2 || yTrue.rank !== 2) {
    throw shapeError("fBetaScore", "labels and predictions [batch, classes]", [yTrue.shape, yPred.shape], "give one-hot labels");
  }
  requireSameShape("fBetaScore", yTrue, yPred);
  const label = cast(yTrue, yPred.dtype);
  const positive = decisions(yPred, threshold);
  const total = (x: Tensor): Tensor => {
    const weighted = sampleWeight === undefined ? x : x.mul(alignWeight(cast(sampleWeight, x.dtype), x));
    return average === "micro" ? sum(weighted).reshape([1]) : sum(weighted, { axes: 0 });
  };
  return {
    hits: total(positive.mul(label)),
    extra: total(positive.mul(label.neg().add(1))),
    missed: total(positive.neg().add(1).mul(label)),
    labels: total(label),
  };
}

function result(sums: Sums, { average, beta }: FBetaScoreOptions): number | number[] {
  const labels = sums["labels"]!;
  const scores = [...sums["hits"]!].map((hits, i) => {
    const precision = hits / (hits + sums["extra"]![i]! + EPSILON);
    const recall = hits / (hits + sums["missed"]![i]! + EPSILON);
    return ((1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall + EPSILON);
  });
  if (average === null) return scores;
  if (average !== "weighted") return scores.reduce((a, b) => a + b, 0) / scores.length;
  const all = labels.reduce((a, b) => a + b, EPSILON);
  return scores.reduce((total, score, i) => total + (score * labels[i]!) / all, 0);
}

/**
 * (1 + beta²) · precision · recall / (beta² · precision + recall), by class.
 *
 * @throws BAD_ARGUMENT when an option is outside its range
 * @example
 * metrics.fBetaScore({ beta: 2, average: "macro", threshold: 0.5 });
 */
export const fBetaScore = defineMetric<FBetaScoreOptions>({
  className: "FBetaScore",
  defaults: { average: null, beta: 1, threshold: null },
  check: (config, where) => {
    check(config, where);
    if (!(config.beta > 0)) throw badOption(where, "beta", "a number above 0", config.beta);
  },
  stats,
  result,
});

/**
 * 2 · precision · recall / (precision + recall), by class.
 *
 * @throws BAD_ARGUMENT when an option is outside its range
 * @example
 * metrics.f1Score({ average: "macro" });
 */
export const f1Score = defineMetric<F1ScoreOptions>({
  className: "F1Score",
  defaults: { average: null, threshold: null },
  check,
  stats,
  result: (sums, config) => result(sums, { ...config, beta: 1 }),
});
