import { equal, greater, logicalAnd, logicalNot } from "../ops/elementwise/compare.js";
import { softplus } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { matmul } from "../ops/matrix/matmul.js";
import { logSumExp } from "../ops/reduce/derived.js";
import { arange } from "../ops/shape/fill.js";
import { expandDims } from "../ops/shape/reshape.js";
import { concreteDim } from "../tensor/dim.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineLoss } from "./loss.js";

/** Options of {@link circle}. */
export interface CircleOptions {
  /** Sharpness, above 0. Default 80. */
  readonly gamma: number;
  /** How far apart classes shall be, 0 to 1. Default 0.4. */
  readonly margin: number;
  /** Whether a sample is no pair with itself. Default true. */
  readonly removeDiagonal: boolean;
}

/** Stands for −∞, whose differences would be NaN where a sample has no pair. */
const NONE = -1e9;

/**
 * Circle loss over all pairs of a batch: labels are class indices [B], predictions are embeddings
 * of norm 1 [B,D]. Samples with loss 0 do not count in the mean.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.circle({ margin: 0.25 }) });
 */
export const circle = defineLoss<CircleOptions>({
  className: "Circle",
  defaults: { gamma: 80, margin: 0.4, removeDiagonal: true },
  integerLabels: true,
  call: (yTrue, yPred, { gamma, margin, removeDiagonal }) => {
    const distance = matmul(yPred, yPred, { transposeB: true }).neg().add(1).maximum(0); // [B,B]
    const labels = yTrue.reshape([-1]);
    const same = equal(expandDims(labels, 1), expandDims(labels, 0));
    const positive = removeDiagonal ? logicalAnd(same, logicalNot(diagonal(labels))) : same;
    const pull = distance.add(margin).mul(distance.sub(margin)).mul(gamma);
    const push = distance.neg().add(1 + margin).maximum(0).mul(distance.neg().add(1 - margin)).mul(gamma);
    const pairs = (mask: Tensor, values: Tensor): Tensor => logSumExp(where(mask, values, NONE), { axes: 1 });
    return softplus(pairs(positive, pull).add(pairs(logicalNot(same), push)));
  },
  valid: (_yTrue, values) => greater(values, 0),
});

/** True on the diagonal of [B,B]. */
function diagonal(labels: Tensor): Tensor {
  const places = arange(concreteDim(labels.shape[0]!, "circle"));
  return equal(expandDims(places, 1), expandDims(places, 0));
}
