import {
  type BinaryCrossentropyOptions,
  type CategoricalCrossentropyOptions,
  type SparseCategoricalCrossentropyOptions,
  binaryCrossentropy as binaryLoss,
  categoricalCrossentropy as categoricalLoss,
  categoricalHinge as categoricalHingeLoss,
  hinge as hingeLoss,
  klDivergence as divergence,
  poisson as poissonLoss,
  sparseCategoricalCrossentropy as sparseLoss,
  squaredHinge as squaredHingeLoss,
} from "../losses/all.js";
import { defineMeanMetric } from "./meanMetric.js";

/**
 * The mean binary cross-entropy.
 *
 * @example
 * metrics.binaryCrossentropy({ fromLogits: true });
 */
export const binaryCrossentropy = defineMeanMetric<Omit<BinaryCrossentropyOptions, "axis">>({
  className: "BinaryCrossentropy",
  aliases: ["bce"],
  defaults: { fromLogits: false, labelSmoothing: 0 },
  values: (yTrue, yPred, config) => binaryLoss(config).call(yTrue, yPred),
});

/**
 * The mean cross-entropy with one-hot labels.
 *
 * @example
 * metrics.categoricalCrossentropy({ fromLogits: true });
 */
export const categoricalCrossentropy = defineMeanMetric<CategoricalCrossentropyOptions>({
  className: "CategoricalCrossentropy",
  defaults: { fromLogits: false, labelSmoothing: 0, axis: -1 },
  values: (yTrue, yPred, config) => categoricalLoss(config).call(yTrue, yPred),
});

/**
 * The mean cross-entropy with class indices as labels. Places of `ignoreClass` count as 0.
 *
 * @example
 * metrics.sparseCategoricalCrossentropy({ fromLogits: true });
 */
export const sparseCategoricalCrossentropy = defineMeanMetric<SparseCategoricalCrossentropyOptions>({
  className: "SparseCategoricalCrossentropy",
  defaults: { fromLogits: false, ignoreClass: null, axis: -1 },
  values: (yTrue, yPred, config) => sparseLoss(config).call(yTrue, yPred),
});

/**
 * The mean of Σ y·ln(y / ŷ).
 *
 * @example
 * metrics.klDivergence();
 */
export const klDivergence = defineMeanMetric({
  className: "KLDivergence",
  aliases: ["kld"],
  defaults: {},
  values: (yTrue, yPred) => divergence().call(yTrue, yPred),
});

/**
 * The mean of ŷ − y·ln ŷ.
 *
 * @example
 * metrics.poisson();
 */
export const poisson = defineMeanMetric({
  className: "Poisson",
  defaults: {},
  values: (yTrue, yPred) => poissonLoss().call(yTrue, yPred),
});

/**
 * The mean of max(1 − y·ŷ, 0).
 *
 * @example
 * metrics.hinge();
 */
export const hinge = defineMeanMetric({
  className: "Hinge",
  defaults: {},
  values: (yTrue, yPred) => hingeLoss().call(yTrue, yPred),
});

/**
 * The mean of max(1 − y·ŷ, 0)².
 *
 * @example
 * metrics.squaredHinge();
 */
export const squaredHinge = defineMeanMetric({
  className: "SquaredHinge",
  defaults: {},
  values: (yTrue, yPred) => squaredHingeLoss().call(yTrue, yPred),
});

/**
 * The mean of max(max((1 − y)·ŷ) − Σ y·ŷ + 1, 0).
 *
 * @example
 * metrics.categoricalHinge();
 */
export const categoricalHinge = defineMeanMetric({
  className: "CategoricalHinge",
  defaults: {},
  values: (yTrue, yPred) => categoricalHingeLoss().call(yTrue, yPred),
});
