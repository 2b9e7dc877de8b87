import { EPSILON } from "../epsilon.js";
import { type ReduceOptions, sum } from "../ops/reduce/reduce.js";
import { defineLoss } from "./loss.js";

/** Over which axes an overlap is counted. */
export interface OverlapOptions {
  /** One axis or several; null for all, batch included. Default null. */
  readonly axis: number | readonly number[] | null;
}

/** Options of {@link tversky}. */
export interface TverskyOptions extends OverlapOptions {
  /** Weight of labels that predictions miss. Default 0.5. */
  readonly alpha: number;
  /** Weight of predictions without label. Default 0.5. */
  readonly beta: number;
}

function over(axis: OverlapOptions["axis"]): ReduceOptions {
  return axis === null ? {} : { axes: axis };
}

/**
 * 1 − 2·Σ y·ŷ / (Σ y + Σ ŷ).
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.dice({ axis: [1, 2, 3] }) });
 */
export const dice = defineLoss<OverlapOptions>({
  className: "Dice",
  defaults: { axis: null },
  sameShape: true,
  call: (yTrue, yPred, { axis }) => {
    const shared = sum(yTrue.mul(yPred), over(axis));
    const all = sum(yTrue, over(axis)).add(sum(yPred, over(axis))).add(EPSILON);
    return shared.mul(2).div(all).neg().add(1);
  },
});

/**
 * 1 − s / (s + alpha·Σ y·(1 − ŷ) + beta·Σ ŷ·(1 − y)), s = Σ y·ŷ.
 *
 * @example
 * model.compile({ optimizer: "adam", loss: losses.tversky({ alpha: 0.3, beta: 0.7 }) });
 */
export const tversky = defineLoss<TverskyOptions>({
  className: "Tversky",
  defaults: { alpha: 0.5, beta: 0.5, axis: null },
  sameShape: true,
  call: (yTrue, yPred, { alpha, beta, axis }) => {
    const shared = sum(yTrue.mul(yPred), over(axis));
    const missed = sum(yTrue.mul(yPred.neg().add(1)), over(axis));
    const extra = sum(yPred.mul(yTrue.neg().add(1)), over(axis));
    const all = shared.add(missed.mul(alpha)).add(extra.mul(beta)).add(EPSILON);
    return shared.div(all).neg().add(1);
  },
});
