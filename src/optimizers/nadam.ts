import { decayTowards } from "./moments.js";
import { defineOptimizer } from "./optimizer.js";

/** Options of {@link nadam}. */
export interface NadamOptions {
  /** How much of the average gradient stays at each step, 0 to 1. Default 0.9. */
  readonly beta1: number;
  /** How much of the average squared gradient stays at each step, 0 to 1. Default 0.999. */
  readonly beta2: number;
  /** Added to the root of the corrected average squared gradient. Default 1e-7. */
  readonly epsilon: number;
}

/** The momentum's own schedule, by update counted from 1. */
function momentumAt(update: number, beta1: number): number {
  return beta1 * (1 - 0.5 * 0.96 ** update);
}

/** The product of all momenta up to and including an update. */
function momentumProduct(update: number, beta1: number): number {
  let product = 1;
  // Below this a product no longer changes 1 − product, so the walk is short at any update.
  for (let i = 1; i <= update && product > 1e-20; i++) product *= momentumAt(i, beta1);
  return product;
}

/**
 * Nadam: Adam with Nesterov's look ahead along the momentum.
 *
 * @example
 * optimizers.nadam({ learningRate: 0.001 });
 */
export const nadam = defineOptimizer<NadamOptions>({
  className: "Nadam",
  elementwise: true,
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  slots: () => ({ momentum: 0, velocity: 0 }),
  scalars: (update, _learningRate, { beta1, beta2 }) => {
    const t = update + 1;
    const product = momentumProduct(t, beta1);
    const next = momentumAt(t + 1, beta1);
    return {
      momentumShare: next / (1 - product * next),
      gradientShare: (1 - momentumAt(t, beta1)) / (1 - product),
      velocityCorrection: 1 / (1 - beta2 ** t),
    };
  },
  update: ({ weight, grad, slots, scalars }, { beta1, beta2, epsilon }) => {
    const momentum = decayTowards(slots["momentum"]!, grad, beta1);
    const velocity = decayTowards(slots["velocity"]!, grad.square(), beta2);
    const ahead = momentum.mul(scalars["momentumShare"]!).add(grad.mul(scalars["gradientShare"]!));
    const scale = velocity.mul(scalars["velocityCorrection"]!).sqrt().add(epsilon);
    return {
      weight: weight.sub(ahead.mul(scalars["learningRate"]!).div(scale)),
      slots: { momentum, velocity },
    };
  },
});
