import { badOption } from "../options.js";
import { evenThresholds } from "./auc.js";
import { countsAt } from "./confusion.js";
import { type Metric, type MetricOptions, type Sums, defineMetric } from "./metric.js";
import { ratio } from "./ratio.js";

/** Options of the metrics at an operating point. */
export interface OperatingPointOptions {
  /** At how many thresholds they look, at least 1. Default 200. */
  readonly numThresholds?: number;
  /** The one class that counts; null for all. Default null. */
  readonly classId?: number | null;
}

type Rate = "precision" | "recall" | "sensitivity" | "specificity";

const HITS = { precision: "truePositives", recall: "truePositives", sensitivity: "truePositives", specificity: "trueNegatives" };
const MISSES = { precision: "falsePositives", recall: "falseNegatives", sensitivity: "falseNegatives", specificity: "falsePositives" };

/** A rate at one threshold. */
function rateAt(sums: Sums, rate: Rate, i: number): number {
  const hits = sums[HITS[rate]]![i]!;
  return ratio(hits, hits + sums[MISSES[rate]]![i]!);
}

/** The best `wanted` rate among thresholds where the `held` one reaches the option of its name. */
function bestAt<R extends Rate>(
  className: string,
  wanted: Rate,
  held: R,
): (options: { readonly [K in R]: number } & OperatingPointOptions & MetricOptions) => Metric {
  return defineMetric<{ numThresholds: number; classId: number | null; [rate: string]: unknown }>({
    className,
    defaults: { numThresholds: 200, classId: null, [held]: null },
    check: ({ [held]: bound }, where) => {
      if (typeof bound === "number" && bound >= 0 && bound <= 1) return;
      throw badOption(where, held, "a number from 0 to 1", bound);
    },
    stats: (yTrue, yPred, sampleWeight, { numThresholds, classId }) =>
      countsAt(yTrue, yPred, sampleWeight, {
        thresholds: numThresholds === 1 ? [0.5] : [0, ...evenThresholds(numThresholds), 1],
        classId,
      }),
    result: (sums, { [held]: bound }) =>
      [...sums["truePositives"]!.keys()]
        .filter((i) => rateAt(sums, held, i) >= (bound as number))
        .reduce((best, i) => Math.max(best, rateAt(sums, wanted, i)), 0),
  });
}

/**
 * The best precision where recall is at least `recall`.
 *
 * @throws BAD_ARGUMENT when recall is not from 0 to 1
 * @example
 * metrics.precisionAtRecall({ recall: 0.8 });
 */
export const precisionAtRecall = bestAt("PrecisionAtRecall", "precision", "recall");

/**
 * The best recall where precision is at least `precision`.
 *
 * @throws BAD_ARGUMENT when precision is not from 0 to 1
 * @example
 * metrics.recallAtPrecision({ precision: 0.8 });
 */
export const recallAtPrecision = bestAt("RecallAtPrecision", "recall", "precision");

/**
 * The best sensitivity (recall) where specificity is at least `specificity`.
 *
 * @throws BAD_ARGUMENT when specificity is not from 0 to 1
 * @example
 * metrics.sensitivityAtSpecificity({ specificity: 0.9 });
 */
export const sensitivityAtSpecificity = bestAt("SensitivityAtSpecificity", "sensitivity", "specificity");

/**
 * The best specificity where sensitivity (recall) is at least `sensitivity`.
 *
 * @throws BAD_ARGUMENT when sensitivity is not from 0 to 1
 * @example
 * metrics.specificityAtSensitivity({ sensitivity: 0.9 });
 */
export const specificityAtSensitivity = bestAt("SpecificityAtSensitivity", "specificity", "sensitivity");
