import { maximum } from "../ops/elementwise/binary.js";
import { sqrt, square } from "../ops/elementwise/unary.js";
import { mean } from "../ops/reduce/reduce.js";
import { expandDims } from "../ops/shape/reshape.js";
import type { Tensor } from "../tensor/tensor.js";
import { type UpdateArgs, defineOptimizer } from "./optimizer.js";

/** Options of {@link adafactor}. */
export interface AdafactorOptions {
  /** How fast the averages of squared gradients grow longer, below 0. Default −0.8. */
  readonly beta2Decay: number;
  /** Added to squared gradients. Default 1e-30. */
  readonly epsilon1: number;
  /** The least size that a weight's own scale is taken for. Default 0.001. */
  readonly epsilon2: number;
  /** The largest root mean square of an update. Default 1. */
  readonly clipThreshold: number;
  /** Kept for Keras: the rate shrinks as 1/√step either way. Default true. */
  readonly relativeStep: boolean;
}

function rms(x: Tensor): Tensor {
  return sqrt(mean(square(x)));
}

/** The average squared gradient and its slots: rows and columns only, where the weight is a matrix. */
function secondMoment(args: UpdateArgs, epsilon1: number): { velocity: Tensor; slots: Record<string, Tensor> } {
  const { grad, slots, scalars } = args;
  const squares = square(grad).add(epsilon1);
  const average = (name: string, value: Tensor): Tensor =>
    slots[name]!.mul(scalars["beta2"]!).add(value.mul(scalars["beta2"]!.neg().add(1)));
  if (grad.rank < 2) {
    const velocity = average("velocity", squares);
    return { velocity, slots: { velocity } };
  }
  const rows = average("rows", mean(squares, { axes: -1 }));
  const columns = average("columns", mean(squares, { axes: -2 }));
  const share = rows.div(mean(rows, { axes: -1, keepDims: true }));
  return { velocity: expandDims(share, -1).mul(expandDims(columns, -2)), slots: { rows, columns } };
}

/**
 * Adafactor: steps of the weight's own size, from averages of squared gradients that are kept by
 * row and column only, so that its memory is small.
 *
 * @example
 * optimizers.adafactor({ learningRate: 0.01 });
 */
export const adafactor = defineOptimizer<AdafactorOptions>({
  className: "Adafactor",
  defaults: { beta2Decay: -0.8, epsilon1: 1e-30, epsilon2: 0.001, clipThreshold: 1, relativeStep: true },
  slots: (_config, { shape }) =>
    shape.length < 2
      ? { velocity: 0 }
      : {
          rows: { shape: shape.slice(0, -1), initial: 0 },
          columns: { shape: [...shape.slice(0, -2), shape.at(-1)!], initial: 0 },
        },
  scalars: (update, learningRate, { beta2Decay }) => ({
    // Keras bounds the rate once more where relativeStep is set, which this bound already includes.
    relativeRate: Math.min(learningRate, 1 / Math.sqrt(update + 1)),
    beta2: 1 - (update + 1) ** beta2Decay,
  }),
  update: (args, { epsilon1, epsilon2, clipThreshold }) => {
    const { weight, grad, scalars } = args;
    const { velocity, slots } = secondMoment(args, epsilon1);
    const direction = grad.div(sqrt(velocity));
    const bounded = direction.div(maximum(rms(direction).mul(1 / clipThreshold), 1));
    const size = maximum(rms(weight), epsilon2).mul(scalars["relativeRate"]!);
    return { weight: weight.sub(bounded.mul(size)), slots };
  },
});
