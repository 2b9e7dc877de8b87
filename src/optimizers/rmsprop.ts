import { defineOptimizer } from "./optimizer.js";

/** Options of {@link rmsprop}. */
export interface RmspropOptions {
  /** How much of the average squared gradient stays at each step, 0 to 1. Default 0.9. */
  readonly rho: number;
  /** How much of the last step is repeated, 0 to 1. Default 0. */
  readonly momentum: number;
  /** Added to the average inside the root. Default 1e-7. */
  readonly epsilon: number;
  /** Whether the variance takes the place of the average square. Default false. */
  readonly centered: boolean;
}

/**
 * RMSprop: w − learningRate · g / √(v + epsilon), v being the moving average of g², less the
 * square of the average gradient when centered.
 *
 * @example
 * optimizers.rmsprop({ learningRate: 0.001, momentum: 0.9 });
 */
export const rmsprop = defineOptimizer<RmspropOptions>({
  className: "RMSprop",
  elementwise: true,
  defaults: { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  slots: ({ momentum, centered }) => ({
    velocity: 0,
    ...(momentum > 0 ? { momentum: 0 } : {}),
    ...(centered ? { averageGradient: 0 } : {}),
  }),
  update: ({ weight, grad, slots, scalars }, { rho, momentum, epsilon, centered }) => {
    const velocity = slots["velocity"]!.mul(rho).add(grad.square().mul(1 - rho));
    const average = centered ? { averageGradient: slots["averageGradient"]!.mul(rho).add(grad.mul(1 - rho)) } : {};
    const spread = average.averageGradient === undefined ? velocity : velocity.sub(average.averageGradient.square());
    const step = grad.mul(scalars["learningRate"]!).div(spread.add(epsilon).sqrt());
    if (momentum <= 0) return { weight: weight.sub(step), slots: { velocity, ...average } };
    const m = slots["momentum"]!.mul(momentum).add(step);
    return { weight: weight.sub(m), slots: { velocity, momentum: m, ...average } };
  },
});
