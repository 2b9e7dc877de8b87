import { EPSILON } from "../epsilon.js";
import { badOption } from "../options.js";
import { sigmoid } from "../ops/elementwise/unary.js";
import { countsAt } from "./confusion.js";
import { type Sums, defineMetric } from "./metric.js";
import { ratio } from "./ratio.js";

/** Options of {@link auc}. */
export interface AucOptions {
  /** At how many thresholds the curve is sampled, at least 2. Default 200. */
  readonly numThresholds: number;
  /** The curve: true over false positives, or precision over recall. Default `"ROC"`. */
  readonly curve: "ROC" | "PR";
  /** How the curve runs between two points. Default `"interpolation"`. */
  readonly summationMethod: "interpolation" | "majoring" | "minoring";
  /** Thresholds between 0 and 1 that take the place of even ones; null for none. Default null. */
  readonly thresholds: readonly number[] | null;
  /** Whether each label of the last axis has its own curve, and the areas are averaged. Default false. */
  readonly multiLabel: boolean;
  /** The number of labels, which the shape of predictions tells anyway. Default null. */
  readonly numLabels: number | null;
  /** Weights of the labels; null for equal ones. Default null. */
  readonly labelWeights: readonly number[] | null;
  /** Whether predictions are logits and not probabilities. Default false. */
  readonly fromLogits: boolean;
}

/** Rising thresholds, the outer ones just beyond 0 and 1. */
function thresholdsOf({ numThresholds, thresholds }: AucOptions): number[] {
  const inner = thresholds?.toSorted((a, b) => a - b) ?? evenThresholds(numThresholds);
  return [-EPSILON, ...inner, 1 + EPSILON];
}

/** The thresholds between 0 and 1 of a curve with `count` points. */
export function evenThresholds(count: number): number[] {
  return Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));
}

/** Points of one label's curve. */
interface Curve {
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly trueNegatives: readonly number[];
  readonly falseNegatives: readonly number[];
}

function areaOf(curve: Curve, { curve: kind, summationMethod }: AucOptions): number {
  if (kind === "PR" && summationMethod === "interpolation") return interpolatedPrecision(curve);
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = curve;
  const recall = tp.map((hits, i) => ratio(hits, hits + fn[i]!));
  const x = kind === "ROC" ? fp.map((extra, i) => ratio(extra, extra + tn[i]!)) : recall;
  const y = kind === "ROC" ? recall : tp.map((hits, i) => ratio(hits, hits + fp[i]!));
  const height = {
    interpolation: (a: number, b: number) => (a + b) / 2,
    majoring: Math.max,
    minoring: Math.min,
  }[summationMethod];
  return x.slice(1).reduce((area, next, i) => area + (x[i]! - next) * height(y[i]!, y[i + 1]!), 0);
}

/** Interpolates true positives linearly in all positives, as Davis and Goadrich showed to be right for PR. */
function interpolatedPrecision({ truePositives: tp, falsePositives: fp, falseNegatives: fn }: Curve): number {
  const positives = tp.map((hits, i) => hits + fp[i]!);
  let area = 0;
  for (let i = 0; i + 1 < tp.length; i++) {
    const [more, less] = [positives[i]!, positives[i + 1]!];
    const gained = tp[i]! - tp[i + 1]!;
    const slope = ratio(gained, Math.max(more - less, 0));
    const intercept = tp[i + 1]! - slope * less;
    const growth = more > 0 && less > 0 ? more / less : 1;
    area += ratio(slope * (gained + intercept * Math.log(growth)), Math.max(tp[i + 1]! + fn[i + 1]!, 0));
  }
  return area;
}

function result(sums: Sums, config: AucOptions): number {
  const count = thresholdsOf(config).length;
  const labels = sums["truePositives"]!.length / count;
  const areas = Array.from({ length: labels }, (_, label) => {
    const points = (name: keyof Curve): number[] => [...sums[name]!.subarray(label * count, (label + 1) * count)];
    return areaOf(
      {
        truePositives: points("truePositives"),
        falsePositives: points("falsePositives"),
        trueNegatives: points("trueNegatives"),
        falseNegatives: points("falseNegatives"),
      },
      config,
    );
  });
  const weights = (config.multiLabel ? config.labelWeights : null) ?? areas.map(() => 1);
  const total = weights.reduce((a, b) => a + b, 0);
  return ratio(areas.reduce((sum, area, i) => sum + area * weights[i]!, 0), total);
}

/**
 * The area under the ROC or the precision-recall curve, sampled at thresholds.
 *
 * @throws BAD_ARGUMENT when an option is outside its range
 * @example
 * metrics.auc({ curve: "PR" });
 */
export const auc = defineMetric<AucOptions>({
  className: "AUC",
  defaults: {
    numThresholds: 200,
    curve: "ROC",
    summationMethod: "interpolation",
    thresholds: null,
    multiLabel: false,
    numLabels: null,
    labelWeights: null,
    fromLogits: false,
  },
  check: ({ numThresholds, curve, summationMethod }, where) => {
    if (!(numThresholds >= 2)) throw badOption(where, "numThresholds", "a whole number of at least 2", numThresholds);
    if (curve !== "ROC" && curve !== "PR") throw badOption(where, "curve", '"ROC" or "PR"', curve);
    if (!["interpolation", "majoring", "minoring"].includes(summationMethod)) {
      throw badOption(where, "summationMethod", '"interpolation", "majoring" or "minoring"', summationMethod);
    }
  },
  stats: (yTrue, yPred, sampleWeight, config) =>
    countsAt(yTrue, config.fromLogits ? sigmoid(yPred) : yPred, sampleWeight, {
      thresholds: thresholdsOf(config),
      perLabel: config.multiLabel,
      labelWeights: config.multiLabel ? null : config.labelWeights,
    }),
  result,
});
