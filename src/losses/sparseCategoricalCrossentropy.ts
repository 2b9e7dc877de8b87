import { equal, logicalNot } from "../ops/elementwise/compare.js";
import { log } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { takeAlong } from "../ops/indexing/takeAlong.js";
import { logSoftmax } from "../ops/nn/softmax.js";
import { expandDims, squeeze } from "../ops/shape/reshape.js";
import { normalizeAxis } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { labelsOf } from "./classIndices.js";
import { clipProbability } from "./clipProbability.js";
import { softmaxLogits } from "./logits.js";
import { defineLoss } from "./loss.js";

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropyOptions {
  /** Whether predictions are logits and not probabilities. Default false. */
  readonly fromLogits: boolean;
  /** A label whose places do not count, such as 255 or −1; null for none. Default null. */
  readonly ignoreClass: number | null;
  /** The axis of the classes. Default −1. */
  readonly axis: number;
}

/**
 * −ln p[label]: cross-entropy with class indices as labels.
 *
 * @throws SHAPE_MISMATCH when labels are not the predictions' shape without the class axis
 * @example
 * const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
 */
export const sparseCategoricalCrossentropy = defineLoss<SparseCategoricalCrossentropyOptions>({
  className: "SparseCategoricalCrossentropy",
  defaults: { fromLogits: false, ignoreClass: null, axis: -1 },
  integerLabels: true,
  call: (yTrue, yPred, { fromLogits, ignoreClass, axis }) => {
    const at = normalizeAxis(axis, yPred.rank, "sparseCategoricalCrossentropy, option axis");
    const labels = labelsOf("sparseCategoricalCrossentropy", yTrue, yPred, at);
    const counts = ignoreClass === null ? undefined : counted(labels, ignoreClass);
    const picked = counts === undefined ? labels : where(counts, labels, 0);
    const logits = softmaxLogits(yPred, at) ?? (fromLogits ? yPred : log(clipProbability(yPred)));
    const chosen = takeAlong(logSoftmax(logits, at), expandDims(picked, at), at);
    const values = squeeze(chosen, at).neg();
    return counts === undefined ? values : where(counts, values, 0);
  },
  valid: (yTrue, values, { ignoreClass }) =>
    ignoreClass === null ? undefined : counted(yTrue.cast("int32").reshape(values.shape), ignoreClass),
});

function counted(labels: Tensor, ignoreClass: number): Tensor {
  return logicalNot(equal(labels, ignoreClass));
}
