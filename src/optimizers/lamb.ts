import { greater, logicalAnd } from "../ops/elementwise/compare.js";
import { sqrt, square } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { decayTowards } from "./moments.js";
import { defineOptimizer } from "./optimizer.js";

/** Options of {@link lamb}. */
export interface LambOptions {
  /** How much of the average gradient stays at each step, 0 to 1. Default 0.9. */
  readonly beta1: number;
  /** How much of the average squared gradient stays at each step, 0 to 1. Default 0.999. */
  readonly beta2: number;
  /** Added to the root of the corrected average squared gradient. Default 1e-7. */
  readonly epsilon: number;
}

function norm(x: Tensor): Tensor {
  return sqrt(sum(square(x)));
}

/**
 * LAMB: Adam's direction, each weight's step being scaled to the weight's own norm.
 *
 * @example
 * optimizers.lamb({ learningRate: 0.002, weightDecay: 0.01 });
 */
export const lamb = defineOptimizer<LambOptions>({
  className: "Lamb",
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  slots: () => ({ momentum: 0, velocity: 0 }),
  scalars: (update, _learningRate, { beta1, beta2 }) => ({
    momentumCorrection: 1 / (1 - beta1 ** (update + 1)),
    velocityCorrection: 1 / (1 - beta2 ** (update + 1)),
  }),
  update: ({ weight, grad, slots, scalars }, { beta1, beta2, epsilon }) => {
    const momentum = decayTowards(slots["momentum"]!, grad, beta1);
    const velocity = decayTowards(slots["velocity"]!, grad.square(), beta2);
    const scale = velocity.mul(scalars["velocityCorrection"]!).sqrt().add(epsilon);
    const direction = momentum.mul(scalars["momentumCorrection"]!).div(scale);
    const [own, step] = [norm(weight), norm(direction)];
    const trust = where(logicalAnd(greater(own, 0), greater(step, 0)), own.div(step), 1);
    return {
      weight: weight.sub(direction.mul(trust).mul(scalars["learningRate"]!)),
      slots: { momentum, velocity },
    };
  },
});
