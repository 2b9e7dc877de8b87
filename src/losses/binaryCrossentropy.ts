import { log, sigmoid, softplus } from "../ops/elementwise/unary.js";
import { mean } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { clipProbability } from "./clipProbability.js";
import { sigmoidLogits } from "./logits.js";
import { defineLoss } from "./loss.js";

/** Options of {@link binaryCrossentropy}. */
export interface BinaryCrossentropyOptions {
  /** Whether predictions are logits and not probabilities. Default false. */
  readonly fromLogits: boolean;
  /** How far labels are drawn towards 0.5, 0 to 1. Default 0. */
  readonly labelSmoothing: number;
  /** The axis that is averaged. Default −1. */
  readonly axis: number;
}

/** Options of {@link binaryFocalCrossentropy}. */
export interface BinaryFocalCrossentropyOptions extends BinaryCrossentropyOptions {
  /** Whether the two classes are weighted. Default false. */
  readonly applyClassBalancing: boolean;
  /** Weight of class 1 where classes are weighted; class 0 has 1 − alpha. Default 0.25. */
  readonly alpha: number;
  /** How much less well-predicted samples count, at least 0. Default 2. */
  readonly gamma: number;
}

function complement(x: Tensor): Tensor {
  return x.neg().add(1);
}

function smoothed(yTrue: Tensor, labelSmoothing: number): Tensor {
  return labelSmoothing === 0 ? yTrue : yTrue.mul(1 - labelSmoothing).add(0.5 * labelSmoothing);
}

/** −y·ln p − (1 − y)·ln(1 − p). */
function fromProbabilities(yTrue: Tensor, yPred: Tensor): Tensor {
  const p = clipProbability(yPred);
  return yTrue.mul(log(p)).add(complement(yTrue).mul(log(complement(p)))).neg();
}

/**
 * mean(−y·ln p − (1 − y)·ln(1 − p)) over an axis.
 *
 * @throws SHAPE_MISMATCH when labels have another shape than predictions
 * @example
 * const loss = losses.binaryCrossentropy({ fromLogits: true });
 */
export const binaryCrossentropy = defineLoss<BinaryCrossentropyOptions>({
  className: "BinaryCrossentropy",
  aliases: ["bce"],
  defaults: { fromLogits: false, labelSmoothing: 0, axis: -1 },
  sameShape: true,
  call: (yTrue, yPred, { fromLogits, labelSmoothing, axis }) => {
    const labels = smoothed(yTrue, labelSmoothing);
    const logits = sigmoidLogits(yPred) ?? (fromLogits ? yPred : undefined);
    const values =
      logits === undefined ? fromProbabilities(labels, yPred) : softplus(logits).sub(labels.mul(logits));
    return mean(values, { axes: axis });
  },
});

/**
 * mean((1 − pₜ)^gamma · cross-entropy) over an axis, pₜ being the probability of the label.
 *
 * @throws SHAPE_MISMATCH when labels have another shape than predictions
 * @example
 * const loss = losses.binaryFocalCrossentropy({ applyClassBalancing: true });
 */
export const binaryFocalCrossentropy = defineLoss<BinaryFocalCrossentropyOptions>({
  className: "BinaryFocalCrossentropy",
  defaults: { applyClassBalancing: false, alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 },
  sameShape: true,
  call: (yTrue, yPred, { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis }) => {
    const labels = smoothed(yTrue, labelSmoothing);
    const p = fromLogits ? sigmoid(yPred) : yPred;
    const ofLabel = labels.mul(p).add(complement(labels).mul(complement(p)));
    const focal = complement(ofLabel).pow(gamma).mul(fromProbabilities(labels, p));
    const weight = labels.mul(alpha).add(complement(labels).mul(1 - alpha));
    return mean(applyClassBalancing ? weight.mul(focal) : focal, { axes: axis });
  },
});
