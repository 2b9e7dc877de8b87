import { defineOptimizer } from "./optimizer.js";

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** How much of the last step is repeated, 0 to 1. Default 0. */
  readonly momentum: number;
  /** Whether the gradient's step looks ahead along the momentum. Default false. */
  readonly nesterov: boolean;
}

/**
 * w − learningRate · g; with momentum m ← momentum · m − learningRate · g and w + m.
 *
 * @example
 * optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true });
 */
export const sgd = defineOptimizer<SgdOptions>({
  className: "SGD",
  learningRate: 0.01,
  elementwise: true,
  defaults: { momentum: 0, nesterov: false },
  slots: ({ momentum }) => (momentum === 0 ? {} : { momentum: 0 }),
  update: ({ weight, grad, slots, scalars }, { momentum, nesterov }) => {
    const step = grad.mul(scalars["learningRate"]!);
    if (momentum === 0) return { weight: weight.sub(step), slots: {} };
    const m = slots["momentum"]!.mul(momentum).sub(step);
    return { weight: weight.add(nesterov ? m.mul(momentum).sub(step) : m), slots: { momentum: m } };
  },
});
