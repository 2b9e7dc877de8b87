import { defineOptimizer } from "./optimizer.js";

/** Options of {@link adagrad}. */
export interface AdagradOptions {
  /** What the sums start from, at least 0. Default 0.1. */
  readonly initialAccumulatorValue: number;
  /** Added to the sum inside the root. Default 1e-7. */
  readonly epsilon: number;
}

/**
 * Adagrad: w − learningRate · g / √(a + epsilon), a being the sum of all g².
 *
 * @example
 * optimizers.adagrad({ learningRate: 0.01 });
 */
export const adagrad = defineOptimizer<AdagradOptions>({
  className: "Adagrad",
  elementwise: true,
  defaults: { initialAccumulatorValue: 0.1, epsilon: 1e-7 },
  slots: ({ initialAccumulatorValue }) => ({ accumulator: initialAccumulatorValue }),
  update: ({ weight, grad, slots, scalars }, { epsilon }) => {
    const accumulator = slots["accumulator"]!.add(grad.square());
    const step = grad.mul(scalars["learningRate"]!).div(accumulator.add(epsilon).sqrt());
    return { weight: weight.sub(step), slots: { accumulator } };
  },
});
