import { EPSILON } from "../epsilon.js";
import { badOption } from "../options.js";
import { cast } from "../ops/elementwise/cast.js";
import { equal, greaterEqual, logicalNot } from "../ops/elementwise/compare.js";
import { argMax, oneHot } from "../ops/indexing/select.js";
import { matmul } from "../ops/matrix/matmul.js";
import { broadcastTo } from "../ops/shape/broadcastTo.js";
import { alignWeight } from "../losses/matchRank.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Metric, type MetricOptions, type Sums, defineMetric } from "./metric.js";

/** Options of {@link meanIoU} and {@link oneHotMeanIoU}. */
export interface MeanIoUOptions {
  /** The number of classes, which must be given. */
  readonly numClasses: number;
  /** A label whose places do not count; null for none. Default null. */
  readonly ignoreClass?: number | null;
  /** Whether labels are class indices and not one-hot. Default true. */
  readonly sparseYTrue?: boolean;
  /** Whether predictions are class indices and not scores. Default true. */
  readonly sparseYPred?: boolean;
  /** The axis of classes where labels or predictions are not sparse. Default −1. */
  readonly axis?: number;
}

/** Options of {@link iou} and {@link oneHotIoU}. */
export interface IoUOptions extends MeanIoUOptions {
  /** The classes that are averaged, which must be given. */
  readonly targetClassIds: readonly number[];
}

/** Class counts, flattened: at [label, prediction] the weight of their pairs. */
function pairs(label: Tensor, prediction: Tensor, weight: Tensor | undefined, classes: number): Tensor {
  const labels = oneHot(cast(label, "int32").reshape([-1]), classes); // [N,C]
  const predictions = oneHot(cast(prediction, "int32").reshape([-1]), classes);
  const weighted = weight === undefined ? labels : labels.mul(weight.reshape([-1, 1]));
  return matmul(weighted, predictions, { transposeA: true }).reshape([-1]);
}

/** Weights of each label; as in Keras these counts are whole, and fractions of weights are cut off. */
function wholeWeights(sampleWeight: Tensor, labels: Tensor): Tensor {
  const whole = cast(cast(sampleWeight, "int32"), "float32");
  return broadcastTo(alignWeight(whole, labels), labels.shape);
}

/** The mean over target classes of intersection / union, classes that never occur being left out. */
function meanOverlap(sums: Sums, classes: number, targets: readonly number[]): number {
  const at = (label: number, prediction: number): number => sums["pairs"]![label * classes + prediction]!;
  const all = Array.from({ length: classes }, (_, i) => i);
  const overlaps = targets.flatMap((target) => {
    const labels = all.reduce((total, i) => total + at(target, i), 0);
    const predictions = all.reduce((total, i) => total + at(i, target), 0);
    const union = labels + predictions - at(target, target);
    return union > 1e-9 ? [at(target, target) / (union + EPSILON)] : [];
  });
  return overlaps.reduce((a, b) => a + b, 0) / (overlaps.length + EPSILON);
}

interface Config {
  readonly numClasses: number | null;
  readonly targetClassIds?: readonly number[] | null;
  readonly ignoreClass: number | null;
  readonly sparseYTrue?: boolean;
  readonly sparseYPred: boolean;
  readonly axis: number;
}

function overlapMetric<O extends object>(className: string, name: string, defaults: Config): (options: O & MetricOptions) => Metric {
  return defineMetric<Config>({
    className,
    name,
    defaults,
    check: ({ numClasses, targetClassIds }, where) => {
      if (!(numClasses !== null && numClasses >= 1)) throw badOption(where, "numClasses", "a whole number of at least 1", numClasses);
      if (targetClassIds === undefined) return;
      if (targetClassIds === null || targetClassIds.some((id) => !(id >= 0 && id < numClasses))) {
        throw badOption(where, "targetClassIds", `classes from 0 to ${numClasses - 1}`, targetClassIds);
      }
    },
    stats: (yTrue, yPred, sampleWeight, { numClasses, ignoreClass, sparseYTrue = false, sparseYPred, axis }) => {
      const label = sparseYTrue ? yTrue : argMax(yTrue, axis);
      const prediction = sparseYPred ? yPred : argMax(yPred, axis);
      const given = sampleWeight && wholeWeights(sampleWeight, label);
      const counted =
        ignoreClass === null ? undefined : cast(logicalNot(equal(cast(label, "int32"), ignoreClass)), "float32");
      const weight = given === undefined || counted === undefined ? (given ?? counted) : given.mul(counted);
      return { pairs: pairs(label, prediction, weight, numClasses!) };
    },
    result: (sums, { numClasses, targetClassIds }) =>
      meanOverlap(sums, numClasses!, targetClassIds ?? Array.from({ length: numClasses! }, (_, i) => i)),
  }) as (options: O & MetricOptions) => Metric;
}

const DENSE = { numClasses: null, ignoreClass: null, sparseYPred: false, axis: -1 };
const SPARSE = { ...DENSE, sparseYTrue: true, sparseYPred: true };

/**
 * The mean intersection over union of some classes.
 *
 * @throws BAD_ARGUMENT when numClasses or targetClassIds are missing or wrong
 * @example
 * metrics.iou({ numClasses: 3, targetClassIds: [0, 2] });
 */
export const iou = overlapMetric<IoUOptions>("IoU", "iou", { ...SPARSE, targetClassIds: null });

/**
 * The mean intersection over union of all classes.
 *
 * @throws BAD_ARGUMENT when numClasses is missing
 * @example
 * metrics.meanIoU({ numClasses: 3 });
 */
export const meanIoU = overlapMetric<MeanIoUOptions>("MeanIoU", "meanIou", SPARSE);

/**
 * {@link iou} for one-hot labels and scores.
 *
 * @throws BAD_ARGUMENT when numClasses or targetClassIds are missing or wrong
 * @example
 * metrics.oneHotIoU({ numClasses: 3, targetClassIds: [0, 2] });
 */
export const oneHotIoU = overlapMetric<Omit<IoUOptions, "sparseYTrue">>("OneHotIoU", "oneHotIou", { ...DENSE, targetClassIds: null });

/**
 * {@link meanIoU} for one-hot labels and scores.
 *
 * @throws BAD_ARGUMENT when numClasses is missing
 * @example
 * metrics.oneHotMeanIoU({ numClasses: 3 });
 */
export const oneHotMeanIoU = overlapMetric<Omit<MeanIoUOptions, "sparseYTrue">>("OneHotMeanIoU", "oneHotMeanIou", DENSE);

/** Options of {@link binaryIoU}. */
export interface BinaryIoUOptions {
  /** The classes that are averaged. Default [0, 1]. */
  readonly targetClassIds: readonly number[];
  /** From which probability on a prediction is class 1. Default 0.5. */
  readonly threshold: number;
}

/**
 * The mean intersection over union of probabilities cut at a threshold.
 *
 * @example
 * metrics.binaryIoU({ targetClassIds: [1] });
 */
export const binaryIoU = defineMetric<BinaryIoUOptions>({
  className: "BinaryIoU",
  name: "binaryIou",
  defaults: { targetClassIds: [0, 1], threshold: 0.5 },
  stats: (yTrue, yPred, sampleWeight, { threshold }) => {
    const weight = sampleWeight && wholeWeights(sampleWeight, yTrue);
    return { pairs: pairs(yTrue, cast(greaterEqual(yPred, threshold), "int32"), weight, 2) };
  },
  result: (sums, { targetClassIds }) => meanOverlap(sums, 2, targetClassIds),
});
