import { log } from "../ops/elementwise/unary.js";
import { logSoftmax, softmax } from "../ops/nn/softmax.js";
import { sum } from "../ops/reduce/reduce.js";
import { concreteDim } from "../tensor/dim.js";
import type { Tensor } from "../tensor/tensor.js";
import { clipProbability } from "./clipProbability.js";
import { softmaxLogits } from "./logits.js";
import { defineLoss } from "./loss.js";

/** Options of {@link categoricalCrossentropy}. */
export interface CategoricalCrossentropyOptions {
  /** Whether predictions are logits and not probabilities. Default false. */
  readonly fromLogits: boolean;
  /** Share of each label that is spread over all classes, 0 to 1. Default 0. */
  readonly labelSmoothing: number;
  /** The axis of the classes. Default −1. */
  readonly axis: number;
}

/** Options of {@link categoricalFocalCrossentropy}. */
export interface CategoricalFocalCrossentropyOptions extends CategoricalCrossentropyOptions {
  /** Weight of the loss. Default 0.25. */
  readonly alpha: number;
  /** How much less well-predicted samples count, at least 0. Default 2. */
  readonly gamma: number;
}

function smoothed(yTrue: Tensor, labelSmoothing: number): Tensor {
  if (labelSmoothing === 0) return yTrue;
  const classes = concreteDim(yTrue.shape.at(-1)!, "categoricalCrossentropy");
  return yTrue.mul(1 - labelSmoothing).add(labelSmoothing / classes);
}

/** Probabilities that sum to 1 along an axis, kept off 0 and 1. */
function normalized(p: Tensor, axis: number): Tensor {
  return clipProbability(p.div(sum(p, { axes: axis, keepDims: true })));
}

/**
 * −Σ y·ln p along the class axis: cross-entropy with one-hot labels or label probabilities.
 *
 * @throws SHAPE_MISMATCH when labels have another shape than predictions
 * @example
 * const loss = losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.1 });
 */
export const categoricalCrossentropy = defineLoss<CategoricalCrossentropyOptions>({
  className: "CategoricalCrossentropy",
  defaults: { fromLogits: false, labelSmoothing: 0, axis: -1 },
  sameShape: true,
  call: (yTrue, yPred, { fromLogits, labelSmoothing, axis }) => {
    const logits = softmaxLogits(yPred, axis) ?? (fromLogits ? yPred : undefined);
    const logP = logits === undefined ? log(normalized(yPred, axis)) : logSoftmax(logits, axis);
    return sum(smoothed(yTrue, labelSmoothing).mul(logP), { axes: axis }).neg();
  },
});

/**
 * −alpha · Σ (1 − p)^gamma · y·ln p along the class axis.
 *
 * @throws SHAPE_MISMATCH when labels have another shape than predictions
 * @example
 * const loss = losses.categoricalFocalCrossentropy({ gamma: 3 });
 */
export const categoricalFocalCrossentropy = defineLoss<CategoricalFocalCrossentropyOptions>({
  className: "CategoricalFocalCrossentropy",
  defaults: { alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 },
  sameShape: true,
  call: (yTrue, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis }) => {
    const p = normalized(fromLogits ? softmax(yPred, axis) : yPred, axis);
    const entropy = smoothed(yTrue, labelSmoothing).mul(log(p)).neg();
    return sum(p.neg().add(1).pow(gamma).mul(alpha).mul(entropy), { axes: axis });
  },
});
