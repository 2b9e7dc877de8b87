import { EPSILON } from "../epsilon.js";
import { sameLabels } from "../losses/matchRank.js";
import { std, variance } from "../ops/reduce/derived.js";
import { mean } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineMeanMetric } from "./meanMetric.js";

/** Along which axis values are correlated. */
export interface CorrelationOptions {
  /** Default −1. */
  readonly axis: number;
}

function centered(x: Tensor, axis: number): Tensor {
  return x.sub(mean(x, { axes: axis, keepDims: true }));
}

/**
 * The mean of Pearson's correlation along an axis, −1 to 1.
 *
 * @example
 * metrics.pearsonCorrelation();
 */
export const pearsonCorrelation = defineMeanMetric<CorrelationOptions>({
  className: "PearsonCorrelation",
  defaults: { axis: -1 },
  values: (yTrue, yPred, { axis }) => {
    const unit = (x: Tensor): Tensor => centered(x, axis).div(std(x, { axes: axis, keepDims: true }));
    const [label, prediction] = sameLabels("pearsonCorrelation", yTrue, yPred);
    return mean(unit(label).mul(unit(prediction)), { axes: axis });
  },
});

/**
 * The mean of the concordance correlation along an axis: 2·cov / (var y + var ŷ + (mean y − mean ŷ)²),
 * with Keras's covariance, whose labels are centred by the predictions' mean.
 *
 * @example
 * metrics.concordanceCorrelation();
 */
export const concordanceCorrelation = defineMeanMetric<CorrelationOptions>({
  className: "ConcordanceCorrelation",
  defaults: { axis: -1 },
  values: (yTrue, yPred, { axis }) => {
    const options = { axes: axis, keepDims: true };
    const [label, prediction] = sameLabels("concordanceCorrelation", yTrue, yPred);
    const [labelMean, predictionMean] = [mean(label, options), mean(prediction, options)];
    const spread = variance(label, options).add(variance(prediction, options)).add(labelMean.sub(predictionMean).square());
    const product = label.sub(predictionMean).mul(prediction.sub(predictionMean)).mul(2);
    return mean(product.div(spread.add(EPSILON)), { axes: axis });
  },
});
