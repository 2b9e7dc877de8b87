import { takeAlong } from "../ops/indexing/takeAlong.js";
import { expandDims, squeeze } from "../ops/shape/reshape.js";
import { badOption } from "../options.js";
import { labelsOf } from "./classIndices.js";
import { defineLoss } from "./loss.js";

/** Options of {@link categoricalGeneralizedCrossEntropy}. */
export interface CategoricalGeneralizedCrossEntropyOptions {
  /** Towards 0 as cross-entropy, towards 1 as the mean absolute error, which wrong labels harm less: between 0 and 1. Default 0.5. */
  readonly q: number;
}

/**
 * (1 − p[label]^q) / q: class indices as labels, of which some may be wrong; predictions are probabilities.
 *
 * @throws BAD_ARGUMENT when q is not between 0 and 1
 * @source Zhang, Sabuncu 2018
 * @example
 * model.compile({ optimizer: "adam", loss: losses.categoricalGeneralizedCrossEntropy({ q: 0.7 }) });
 */
export const categoricalGeneralizedCrossEntropy = defineLoss<CategoricalGeneralizedCrossEntropyOptions>({
  className: "CategoricalGeneralizedCrossEntropy",
  defaults: { q: 0.5 },
  integerLabels: true,
  call: (yTrue, yPred, { q }) => {
    const where = "categoricalGeneralizedCrossEntropy";
    if (!(q > 0 && q < 1)) throw badOption(where, "q", "a number between 0 and 1", q);
    const labels = labelsOf(where, yTrue, yPred, yPred.rank - 1);
    const chosen = squeeze(takeAlong(yPred, expandDims(labels, -1), -1), -1);
    return chosen.pow(q).neg().add(1).div(q);
  },
});
