import { type Counts, LOWEST, countsAt } from "./confusion.js";
import { type ThresholdOptions, oneOrAll, thresholdList } from "./confusionCounts.js";
import { type Metric, type MetricOptions, defineMetric } from "./metric.js";
import { ratio } from "./ratio.js";

/** Options of {@link precision} and {@link recall}. */
export interface PrecisionRecallOptions extends ThresholdOptions {
  /** Only the k largest predictions of a sample can be positive; null for all. Default null. */
  readonly topK: number | null;
  /** The one class that counts; null for all. Default null. */
  readonly classId: number | null;
}

/** truePositives / (truePositives + others). */
function shareOf(className: string, others: keyof Counts): (options?: Partial<PrecisionRecallOptions> & MetricOptions) => Metric {
  return defineMetric<PrecisionRecallOptions>({
    className,
    defaults: { thresholds: null, topK: null, classId: null },
    check: ({ thresholds }, where) => void thresholdList(where, thresholds),
    stats: (yTrue, yPred, sampleWeight, { thresholds, topK, classId }) => {
      const list = thresholdList(className, thresholds, topK === null ? 0.5 : LOWEST);
      const counts = countsAt(yTrue, yPred, sampleWeight, { thresholds: list, topK, classId });
      return { hits: counts.truePositives, others: counts[others] };
    },
    result: (sums) => oneOrAll([...sums["hits"]!].map((hits, i) => ratio(hits, hits + sums["others"]![i]!))),
  });
}

/**
 * The share of predicted positives that are positives.
 *
 * @example
 * metrics.precision({ thresholds: 0.7 });
 */
export const precision = shareOf("Precision", "falsePositives");

/**
 * The share of positives that were predicted.
 *
 * @example
 * metrics.recall({ classId: 1 });
 */
export const recall = shareOf("Recall", "falseNegatives");
