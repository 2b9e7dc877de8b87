import {
  cosineSimilarity as cosineLoss,
  huber as huberLoss,
  logCosh,
  meanAbsoluteError as absoluteLoss,
  meanAbsolutePercentageError as percentageLoss,
  meanSquaredError as squaredLoss,
  meanSquaredLogarithmicError as logarithmicLoss,
} from "../losses/all.js";
import { sameLabels } from "../losses/matchRank.js";
import { defineMeanMetric } from "./meanMetric.js";

/**
 * mean((y − ŷ)²).
 *
 * @example
 * metrics.meanSquaredError();
 */
export const meanSquaredError = defineMeanMetric({
  className: "MeanSquaredError",
  aliases: ["mse"],
  defaults: {},
  values: (yTrue, yPred) => squaredLoss().call(yTrue, yPred),
});

/**
 * √mean((y − ŷ)²). Steps that are masked do not count, which Keras does for other means but not for this one.
 *
 * @example
 * metrics.rootMeanSquaredError();
 */
export const rootMeanSquaredError = defineMeanMetric({
  className: "RootMeanSquaredError",
  aliases: ["rmse"],
  defaults: {},
  values: (yTrue, yPred) => {
    const [label, prediction] = sameLabels("rootMeanSquaredError", yTrue, yPred);
    return prediction.sub(label).square();
  },
  finish: Math.sqrt,
});

/**
 * mean |y − ŷ|.
 *
 * @example
 * metrics.meanAbsoluteError();
 */
export const meanAbsoluteError = defineMeanMetric({
  className: "MeanAbsoluteError",
  aliases: ["mae"],
  defaults: {},
  values: (yTrue, yPred) => absoluteLoss().call(yTrue, yPred),
});

/**
 * 100 · mean(|y − ŷ| / |y|).
 *
 * @example
 * metrics.meanAbsolutePercentageError();
 */
export const meanAbsolutePercentageError = defineMeanMetric({
  className: "MeanAbsolutePercentageError",
  aliases: ["mape"],
  defaults: {},
  values: (yTrue, yPred) => percentageLoss().call(yTrue, yPred),
});

/**
 * mean((ln(1 + y) − ln(1 + ŷ))²).
 *
 * @example
 * metrics.meanSquaredLogarithmicError();
 */
export const meanSquaredLogarithmicError = defineMeanMetric({
  className: "MeanSquaredLogarithmicError",
  aliases: ["msle"],
  defaults: {},
  values: (yTrue, yPred) => logarithmicLoss().call(yTrue, yPred),
});

/**
 * mean(ln cosh(ŷ − y)).
 *
 * @example
 * metrics.logCoshError();
 */
export const logCoshError = defineMeanMetric({
  className: "LogCoshError",
  aliases: ["logcosh"],
  defaults: {},
  values: (yTrue, yPred) => logCosh().call(yTrue, yPred),
});

/**
 * The mean Huber loss.
 *
 * @example
 * metrics.huber({ delta: 2 });
 */
export const huber = defineMeanMetric<{ /** Up to which error it is a square. Default 1. */ readonly delta: number }>({
  className: "Huber",
  defaults: { delta: 1 },
  values: (yTrue, yPred, { delta }) => huberLoss({ delta }).call(yTrue, yPred),
});

/**
 * The mean of cos(y, ŷ); 1 for the same direction.
 *
 * @example
 * metrics.cosineSimilarity();
 */
export const cosineSimilarity = defineMeanMetric<{ /** Default −1. */ readonly axis: number }>({
  className: "CosineSimilarity",
  defaults: { axis: -1 },
  values: (yTrue, yPred, { axis }) => cosineLoss({ axis }).call(yTrue, yPred).neg(),
});
