import { badOption } from "../options.js";
import { type Counts, countsAt } from "./confusion.js";
import { type Metric, type MetricOptions, defineMetric } from "./metric.js";

/** At which thresholds a prediction becomes positive. */
export interface ThresholdOptions {
  /** One threshold, or several for a result each: from 0 to 1, exclusive of the prediction. Default 0.5. */
  readonly thresholds: number | readonly number[] | null;
}

/** The thresholds as a list. @throws BAD_ARGUMENT when one is not from 0 to 1 */
export function thresholdList(where: string, thresholds: ThresholdOptions["thresholds"], fallback = 0.5): readonly number[] {
  if (thresholds === null) return [fallback];
  const list = typeof thresholds === "number" ? [thresholds] : thresholds;
  if (list.every((t) => t >= 0 && t <= 1)) return list;
  throw badOption(where, "thresholds", "numbers from 0 to 1", thresholds);
}

/** A single number where there is one threshold, else one for each. */
export function oneOrAll(values: readonly number[]): number | number[] {
  return values.length === 1 ? values[0]! : [...values];
}

function counting(className: string, which: keyof Counts): (options?: Partial<ThresholdOptions> & MetricOptions) => Metric {
  return defineMetric<ThresholdOptions>({
    className,
    defaults: { thresholds: null },
    check: ({ thresholds }, where) => void thresholdList(where, thresholds),
    stats: (yTrue, yPred, sampleWeight, config) => {
      const thresholds = thresholdList(className, config.thresholds);
      return { count: countsAt(yTrue, yPred, sampleWeight, { thresholds })[which] };
    },
    result: (sums) => oneOrAll([...sums["count"]!]),
  });
}

/**
 * How many positives were predicted as such.
 *
 * @example
 * metrics.truePositives({ thresholds: 0.7 });
 */
export const truePositives = counting("TruePositives", "truePositives");

/**
 * How many negatives were predicted as positives.
 *
 * @example
 * metrics.falsePositives();
 */
export const falsePositives = counting("FalsePositives", "falsePositives");

/**
 * How many negatives were predicted as such.
 *
 * @example
 * metrics.trueNegatives();
 */
export const trueNegatives = counting("TrueNegatives", "trueNegatives");

/**
 * How many positives were predicted as negatives.
 *
 * @example
 * metrics.falseNegatives();
 */
export const falseNegatives = counting("FalseNegatives", "falseNegatives");
