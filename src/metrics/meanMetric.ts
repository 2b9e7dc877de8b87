import { toTensor } from "../graph/literal.js";
import { alignWeight, combineWeights, matchRank } from "../losses/matchRank.js";
import { cast } from "../ops/elementwise/cast.js";
import { mean, sum } from "../ops/reduce/reduce.js";
import { broadcastTo } from "../ops/shape/broadcastTo.js";
import { onesLike } from "../ops/shape/fill.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Metric, type MetricDefinition, type MetricOptions, type Sums, defineMetric } from "./metric.js";

/** A metric that is the weighted mean of one value per sample; steps that are masked do not count. */
export interface MeanMetricDefinition<C extends object> extends Omit<MetricDefinition<C>, "stats" | "result"> {
  /** One value per sample; further axes are averaged. */
  values(yTrue: Tensor, yPred: Tensor, config: C): Tensor;
  /** Of the mean. Default: the mean itself. */
  finish?(mean: number): number;
}

/**
 * Makes a kind of metric that averages one value per sample, and registers its name.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const bias = defineMeanMetric({
 *   className: "Bias",
 *   defaults: {},
 *   values: (yTrue, yPred) => yPred.sub(yTrue),
 * });
 */
export function defineMeanMetric<C extends object>(
  definition: MeanMetricDefinition<C>,
): (options?: Partial<C> & MetricOptions) => Metric {
  return defineMetric<C>({
    ...definition,
    stats: (yTrue, yPred, sampleWeight, config, mask) =>
      meanStats(definition.values(yTrue, yPred, config), combineWeights(sampleWeight, mask && cast(mask, "float32"))),
    result: (sums) => definition.finish?.(meanOf(sums)) ?? meanOf(sums),
  });
}

/** Σ weight · value and Σ weight over the samples, values of one sample being averaged first. */
export function meanStats(values: Tensor, sampleWeight: Tensor | undefined): { total: Tensor; count: Tensor } {
  if (sampleWeight === undefined) {
    const samples = meanFrom(values, 1);
    const batch = samples.shape[0] ?? 1;
    return { total: sum(samples), count: typeof batch === "number" ? toTensor(batch) : sum(onesLike(samples)) };
  }
  const [matched, given] = matchRank(values, cast(sampleWeight, values.dtype));
  const weighed = meanFrom(matched, given.rank);
  const weight = broadcastTo(alignWeight(given, weighed), weighed.shape);
  return { total: sum(meanFrom(weighed.mul(weight), 1)), count: sum(meanFrom(weight, 1)) };
}

/** total / count, and 0 where nothing was counted. */
export function meanOf(sums: Sums): number {
  const count = sums["count"]![0]!;
  return count === 0 ? 0 : sums["total"]![0]! / count;
}

/** The mean over `axis` and all later axes. */
function meanFrom(x: Tensor, axis: number): Tensor {
  if (x.rank <= axis) return x;
  return mean(x, { axes: Array.from({ length: x.rank - axis }, (_, i) => axis + i) });
}
