import { maximum } from "../ops/elementwise/binary.js";
import { decayTowards } from "./moments.js";
import { defineOptimizer } from "./optimizer.js";

/** Options of {@link adamax}. */
export interface AdamaxOptions {
  /** How much of the average gradient stays at each step, 0 to 1. Default 0.9. */
  readonly beta1: number;
  /** How much of the largest gradient stays at each step, 0 to 1. Default 0.999. */
  readonly beta2: number;
  /** Added to the largest gradient. Default 1e-7. */
  readonly epsilon: number;
}

/**
 * Adamax: Adam with the decaying maximum of |g| in the place of √v.
 *
 * @example
 * optimizers.adamax({ learningRate: 0.002 });
 */
export const adamax = defineOptimizer<AdamaxOptions>({
  className: "Adamax",
  elementwise: true,
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  slots: () => ({ momentum: 0, norm: 0 }),
  scalars: (update, learningRate, { beta1 }) => ({ stepSize: learningRate / (1 - beta1 ** (update + 1)) }),
  update: ({ weight, grad, slots, scalars }, { beta1, beta2, epsilon }) => {
    const momentum = decayTowards(slots["momentum"]!, grad, beta1);
    const norm = maximum(slots["norm"]!.mul(beta2), grad.abs());
    return {
      weight: weight.sub(momentum.mul(scalars["stepSize"]!).div(norm.add(epsilon))),
      slots: { momentum, norm },
    };
  },
});
