import { labelsOf } from "../losses/classIndices.js";
import { sameLabels } from "../losses/matchRank.js";
import { cast } from "../ops/elementwise/cast.js";
import { equal, greater, less } from "../ops/elementwise/compare.js";
import { argMax } from "../ops/indexing/select.js";
import { takeAlong } from "../ops/indexing/takeAlong.js";
import { sum } from "../ops/reduce/reduce.js";
import { expandDims } from "../ops/shape/reshape.js";
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
    const [label, prediction] = sameLabels("accuracy", yTrue, yPred);
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
    const [label, prediction] = sameLabels("binaryAccuracy", yTrue, yPred);
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
  values: (yTrue, yPred) => {
    const [label, prediction] = sameLabels("categoricalAccuracy", yTrue, yPred);
    return cast(equal(argMax(label, -1), argMax(prediction, -1)), "float32");
  },
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
  values: (yTrue, yPred) => cast(equal(indices("sparseCategoricalAccuracy", yTrue, yPred), argMax(yPred, -1)), "float32"),
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
  values: (yTrue, yPred, { k }) => {
    const [label, prediction] = sameLabels("topKCategoricalAccuracy", yTrue, yPred);
    return amongLargest(argMax(label, -1), prediction, k);
  },
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
  values: (yTrue, yPred, { k }) => amongLargest(indices("sparseTopKCategoricalAccuracy", yTrue, yPred), yPred, k),
});

function indices(where: string, yTrue: Tensor, yPred: Tensor): Tensor {
  return labelsOf(where, cast(yTrue, "int32"), yPred, yPred.rank - 1);
}

/** 1 where fewer than k predictions are larger than the label's own: no sorting needed. */
function amongLargest(labels: Tensor, yPred: Tensor, k: number): Tensor {
  const own = takeAlong(yPred, expandDims(labels, -1), -1);
  const larger = sum(cast(greater(yPred, own), "float32"), { axes: -1 });
  return cast(less(larger, k), "float32");
}
