import { matchLabels } from "../losses/matchRank.js";
import { cast } from "../ops/elementwise/cast.js";
import { equal, greater, less } from "../ops/elementwise/compare.js";
import { argMax } from "../ops/indexing/select.js";
import { takeAlong } from "../ops/indexing/takeAlong.js";
import { sum } from "../ops/reduce/reduce.js";
import { expandDims, squeeze } from "../ops/shape/reshape.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineMeanMetric } from "./meanMetric.js";

/**
 * The share of predictions that equal their labels.
 *
 * @example
 * metrics.accuracy();
 */
export const accuracy = defineMeanMetric({
  className: "Accuracy",
  defaults: {},
  values: (yTrue, yPred) => {
    const [label, prediction] = matchLabels(yTrue, yPred);
    return cast(equal(label, prediction), "float32");
  },
});

/**
 * The share of probabilities on their label's side of the threshold: 1 where p > threshold.
 *
 * @example
 * metrics.binaryAccuracy({ threshold: 0.7 });
 */
export const binaryAccuracy = defineMeanMetric<{ /** From 0 to 1, default 0.5. */ readonly threshold: number }>({
  className: "BinaryAccuracy",
  defaults: { threshold: 0.5 },
  values: (yTrue, yPred, { threshold }) => {
    const [label, prediction] = matchLabels(yTrue, yPred);
    return cast(equal(label, cast(greater(prediction, threshold), label.dtype)), "float32");
  },
});

/**
 * The share of samples whose largest prediction is at the 1 of their one-hot label.
 *
 * @example
 * metrics.categoricalAccuracy();
 */
export const categoricalAccuracy = defineMeanMetric({
  className: "CategoricalAccuracy",
  defaults: {},
  values: (yTrue, yPred) => cast(equal(argMax(yTrue, -1), argMax(yPred, -1)), "float32"),
});

/**
 * The share of samples whose largest prediction is at their label, a class index.
 *
 * @example
 * metrics.sparseCategoricalAccuracy();
 */
export const sparseCategoricalAccuracy = defineMeanMetric({
  className: "SparseCategoricalAccuracy",
  defaults: {},
  values: (yTrue, yPred) => cast(equal(indices(yTrue, yPred), argMax(yPred, -1)), "float32"),
});

/** How many of the largest predictions count. */
export interface TopKOptions {
  /** At least 1, default 5. */
  readonly k: number;
}

/**
 * The share of samples whose one-hot label is among the k largest predictions.
 *
 * @example
 * metrics.topKCategoricalAccuracy({ k: 3 });
 */
export const topKCategoricalAccuracy = defineMeanMetric<TopKOptions>({
  className: "TopKCategoricalAccuracy",
  defaults: { k: 5 },
  values: (yTrue, yPred, { k }) => amongLargest(argMax(yTrue, -1), yPred, k),
});

/**
 * The share of samples whose label, a class index, is among the k largest predictions.
 *
 * @example
 * metrics.sparseTopKCategoricalAccuracy({ k: 3 });
 */
export const sparseTopKCategoricalAccuracy = defineMeanMetric<TopKOptions>({
  className: "SparseTopKCategoricalAccuracy",
  defaults: { k: 5 },
  values: (yTrue, yPred, { k }) => amongLargest(indices(yTrue, yPred), yPred, k),
});

/** Class indices without an axis of size 1 in the place of the classes. */
function indices(yTrue: Tensor, yPred: Tensor): Tensor {
  const labels = cast(yTrue, "int32");
  return labels.rank === yPred.rank && labels.shape.at(-1) === 1 ? squeeze(labels, -1) : labels;
}

/** 1 where fewer than k predictions are larger than the label's own: no sorting needed. */
function amongLargest(labels: Tensor, yPred: Tensor, k: number): Tensor {
  const own = takeAlong(yPred, expandDims(labels, -1), -1);
  const larger = sum(cast(greater(yPred, own), "float32"), { axes: -1 });
  return cast(less(larger, k), "float32");
}
