import { EPSILON } from "../epsilon.js";
import { log } from "../ops/elementwise/unary.js";
import { mean, sum } from "../ops/reduce/reduce.js";
import { defineLoss } from "./loss.js";

/**
 * Σ y·ln(y / ŷ) over the last axis, both being kept in [1e-7, 1].
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.klDivergence() });
 */
export const klDivergence = defineLoss({
  className: "KLDivergence",
  aliases: ["kld", "kullbackLeiblerDivergence"],
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => {
    const target = yTrue.clip(EPSILON, 1);
    return sum(target.mul(log(target.div(yPred.clip(EPSILON, 1)))), { axes: -1 });
  },
});

/**
 * mean(ŷ − y·ln ŷ) over the last axis: the loss of a Poisson rate ŷ.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.poisson() });
 */
export const poisson = defineLoss({
  className: "Poisson",
  defaults: {},
  sameShape: true,
  call: (yTrue, yPred) => mean(yPred.sub(yTrue.mul(log(yPred.add(EPSILON)))), { axes: -1 }),
});
