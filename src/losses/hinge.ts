import { equal, logicalOr } from "../ops/elementwise/compare.js";
import { cast } from "../ops/elementwise/cast.js";
import { square } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { max, mean, min, sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineLoss } from "./loss.js";

/** Labels −1 and 1; labels that are all 0 or 1 are read as these. */
function signedLabels(yTrue: Tensor): Tensor {
  const binary = cast(logicalOr(equal(yTrue, 0), equal(yTrue, 1)), yTrue.dtype);
  return where(equal(min(binary), 1), yTrue.mul(2).sub(1), yTrue);
}

/**
 * mean(max(1 − y·ŷ, 0)) over the last axis, labels being −1 or 1 (or all 0 or 1).
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.hinge() });
 */
export const hinge = defineLoss({
  className: "Hinge",
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => mean(signedLabels(yTrue).mul(yPred).neg().add(1).maximum(0), { axes: -1 }),
});

/**
 * mean(max(1 − y·ŷ, 0)²) over the last axis, labels being −1 or 1 (or all 0 or 1).
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.squaredHinge() });
 */
export const squaredHinge = defineLoss({
  className: "SquaredHinge",
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => mean(square(signedLabels(yTrue).mul(yPred).neg().add(1).maximum(0)), { axes: -1 }),
});

/**
 * max(max((1 − y)·ŷ) − Σ y·ŷ + 1, 0) over the last axis, labels being one-hot.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.categoricalHinge() });
 */
export const categoricalHinge = defineLoss({
  className: "CategoricalHinge",
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => {
    const own = sum(yTrue.mul(yPred), { axes: -1 });
    const other = max(yTrue.neg().add(1).mul(yPred), { axes: -1 });
    return other.sub(own).add(1).maximum(0);
  },
});
