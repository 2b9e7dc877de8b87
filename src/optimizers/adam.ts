import { maximum } from "../ops/elementwise/binary.js";
import { decayTowards } from "./moments.js";
import { type OptimizerDefinition, defineOptimizer } from "./optimizer.js";

/** Options of {@link adam} and {@link adamw}. */
export interface AdamOptions {
  /** How much of the average gradient stays at each step, 0 to 1. Default 0.9. */
  readonly beta1: number;
  /** How much of the average squared gradient stays at each step, 0 to 1. Default 0.999. */
  readonly beta2: number;
  /** Added to the root of the average squared gradient before its correction. Default 1e-7. */
  readonly epsilon: number;
  /** Whether to divide by the largest average so far. Default false. */
  readonly amsgrad: boolean;
}

const rule: Omit<OptimizerDefinition<AdamOptions>, "className"> = {
  elementwise: true,
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
  slots: ({ amsgrad }) => ({ momentum: 0, velocity: 0, ...(amsgrad ? { velocityHat: 0 } : {}) }),
  scalars: (update, learningRate, { beta1, beta2 }) => ({
    stepSize: (learningRate * Math.sqrt(1 - beta2 ** (update + 1))) / (1 - beta1 ** (update + 1)),
  }),
  update: ({ weight, grad, slots, scalars }, { beta1, beta2, epsilon, amsgrad }) => {
    const momentum = decayTowards(slots["momentum"]!, grad, beta1);
    const velocity = decayTowards(slots["velocity"]!, grad.square(), beta2);
    const largest = amsgrad ? { velocityHat: maximum(slots["velocityHat"]!, velocity) } : {};
    const scale = (largest.velocityHat ?? velocity).sqrt().add(epsilon);
    return {
      weight: weight.sub(momentum.mul(scalars["stepSize"]!).div(scale)),
      slots: { momentum, velocity, ...largest },
    };
  },
};

/**
 * Adam: w − stepSize · m / (√v + epsilon), m and v being moving averages of g and g², and
 * stepSize = learningRate · √(1 − beta2ᵗ) / (1 − beta1ᵗ).
 *
 * @example
 * optimizers.adam({ learningRate: 3e-4 });
 */
export const adam = defineOptimizer<AdamOptions>({ className: "Adam", ...rule });

/**
 * Adam with weight decay 0.004 unless told otherwise.
 *
 * @example
 * optimizers.adamw({ learningRate: 3e-4, weightDecay: 0.1, excludeFromWeightDecay: ["bias", "gamma"] });
 */
export const adamw = defineOptimizer<AdamOptions>({
  className: "AdamW",
  ...rule,
  defaults: { ...rule.defaults, weightDecay: 0.004 },
});
