import type { Tensor } from "../tensor/tensor.js";
import { defineOptimizer } from "./optimizer.js";

/** Options of {@link adadelta}. */
export interface AdadeltaOptions {
  /** How much of the averages stays at each step, 0 to 1. Default 0.95. */
  readonly rho: number;
  /** Added to the averages inside the roots. Default 1e-7. */
  readonly epsilon: number;
}

/**
 * Adadelta: w − learningRate · d, d = g · √(u + epsilon) / √(v + epsilon), u and v being moving
 * averages of d² and g².
 *
 * @example
 * optimizers.adadelta({ learningRate: 1 });
 */
export const adadelta = defineOptimizer<AdadeltaOptions>({
  className: "Adadelta",
  elementwise: true,
  defaults: { rho: 0.95, epsilon: 1e-7 },
  slots: () => ({ accumulatedGrad: 0, accumulatedDeltaVar: 0 }),
  update: ({ weight, grad, slots, scalars }, { rho, epsilon }) => {
    const average = (old: Tensor, value: Tensor): Tensor => old.mul(rho).add(value.square().mul(1 - rho));
    const root = (x: Tensor): Tensor => x.add(epsilon).sqrt();
    const accumulatedGrad = average(slots["accumulatedGrad"]!, grad);
    const delta = root(slots["accumulatedDeltaVar"]!).mul(grad).div(root(accumulatedGrad));
    return {
      weight: weight.sub(delta.mul(scalars["learningRate"]!)),
      slots: { accumulatedGrad, accumulatedDeltaVar: average(slots["accumulatedDeltaVar"]!, delta) },
    };
  },
});
