import { defineOptimizer } from "./optimizer.js";

/** Options of {@link lion}. */
export interface LionOptions {
  /** How much of the momentum goes into a step, 0 to 1. Default 0.9. */
  readonly beta1: number;
  /** How much of the momentum stays at each step, 0 to 1. Default 0.99. */
  readonly beta2: number;
}

/**
 * Lion: w − learningRate · sign(beta1·m + (1 − beta1)·g), then m ← beta2·m + (1 − beta2)·g.
 *
 * @example
 * optimizers.lion({ learningRate: 1e-4, weightDecay: 1 });
 */
export const lion = defineOptimizer<LionOptions>({
  className: "Lion",
  elementwise: true,
  defaults: { beta1: 0.9, beta2: 0.99 },
  slots: () => ({ momentum: 0 }),
  update: ({ weight, grad, slots, scalars }, { beta1, beta2 }) => {
    const old = slots["momentum"]!;
    const direction = old.mul(beta1).add(grad.mul(1 - beta1)).sign();
    return {
      weight: weight.sub(direction.mul(scalars["learningRate"]!)),
      slots: { momentum: old.mul(beta2).add(grad.mul(1 - beta2)) },
    };
  },
});
