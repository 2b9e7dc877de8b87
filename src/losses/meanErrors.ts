import { EPSILON } from "../epsilon.js";
import { badOption } from "../options.js";
import { maximum } from "../ops/elementwise/binary.js";
import { lessEqual } from "../ops/elementwise/compare.js";
import { abs, log, softplus, square } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { mean } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineLoss } from "./loss.js";

function lastMean(x: Tensor): Tensor {
  return mean(x, { axes: -1 });
}

/**
 * mean((y − ŷ)²) over the last axis.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.meanSquaredError() });
 */
export const meanSquaredError = defineLoss({
  className: "MeanSquaredError",
  aliases: ["mse"],
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => lastMean(square(yTrue.sub(yPred))),
});

/**
 * mean |y − ŷ| over the last axis.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.meanAbsoluteError() });
 */
export const meanAbsoluteError = defineLoss({
  className: "MeanAbsoluteError",
  aliases: ["mae"],
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => lastMean(abs(yTrue.sub(yPred))),
});

/**
 * 100 · mean(|y − ŷ| / |y|) over the last axis, |y| being at least 1e-7.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.meanAbsolutePercentageError() });
 */
export const meanAbsolutePercentageError = defineLoss({
  className: "MeanAbsolutePercentageError",
  aliases: ["mape"],
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => lastMean(abs(yTrue.sub(yPred).div(maximum(abs(yTrue), EPSILON)))).mul(100),
});

/**
 * mean((ln(1 + y) − ln(1 + ŷ))²) over the last axis, both being at least 1e-7.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.meanSquaredLogarithmicError() });
 */
export const meanSquaredLogarithmicError = defineLoss({
  className: "MeanSquaredLogarithmicError",
  aliases: ["msle"],
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => {
    const logOf = (x: Tensor): Tensor => log(maximum(x, EPSILON).add(1));
    return lastMean(square(logOf(yPred).sub(logOf(yTrue))));
  },
});

/**
 * mean(ln cosh(ŷ − y)) over the last axis: a square near 0, a straight line far off.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.logCosh() });
 */
export const logCosh = defineLoss({
  className: "LogCosh",
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => {
    const error = yPred.sub(yTrue);
    return lastMean(error.add(softplus(error.mul(-2))).sub(Math.LN2));
  },
});

/** Options of {@link huber}. */
export interface HuberOptions {
  /** Up to which error the loss is a square, above 0. Default 1. */
  readonly delta: number;
}

/**
 * mean of e²/2 where |e| ≤ delta, else delta·|e| − delta²/2, over the last axis; e = ŷ − y.
 *
 * @throws BAD_ARGUMENT when delta is not above 0
 * @example
 * model.compile({ optimizer: "adam", loss: losses.huber({ delta: 2 }) });
 */
export const huber = defineLoss<HuberOptions>({
  className: "Huber",
  defaults: { delta: 1 },
  sameShape: true,
  call: (yTrue, yPred, { delta }) => {
    if (!(delta > 0)) throw badOption("Huber", "delta", "a number above 0", delta);
    const error = yPred.sub(yTrue);
    const size = abs(error);
    return lastMean(where(lessEqual(size, delta), square(error).mul(0.5), size.mul(delta).sub(0.5 * delta * delta)));
  },
});
