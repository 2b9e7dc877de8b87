import { exp as exponentiate } from "../ops/elementwise/unary.js";
import { greater } from "../ops/elementwise/compare.js";
import { where } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";

/** Where the curve levels off. */
export interface EluOptions {
  /** Minus the limit at −∞. Default 1. */
  readonly alpha?: number;
}

/** From the paper on self-normalizing networks: what keeps mean 0 and variance 1. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * x above 0, alpha·(eˣ − 1) below.
 * @example
 * console.log(await activations.elu(tensor([-1, 0, 1])).toArray()); // [-0.6321, 0, 1]
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  // The minimum keeps exp from overflowing where the other branch is taken, and NaN from its gradient.
  const below = exponentiate(x.minimum(0)).sub(1);
  return where(greater(x, 0), x, below.mul(options.alpha ?? 1));
}

/**
 * scale · (x above 0, alpha·(eˣ − 1) below), with the constants that keep mean 0 and variance 1.
 * @example
 * console.log(await activations.selu(tensor([-1, 0, 1])).toArray()); // [-1.1113, 0, 1.0507]
 */
export function selu(x: Tensor): Tensor {
  return elu(x, { alpha: SELU_ALPHA }).mul(SELU_SCALE);
}

/**
 * max(x, 0) + alpha·(e^(min(x, 0)/alpha) − 1).
 * @example
 * console.log(await activations.celu(tensor([-1, 0, 1])).toArray()); // [-0.6321, 0, 1]
 */
export function celu(x: Tensor, options: EluOptions = {}): Tensor {
  const alpha = options.alpha ?? 1;
  return x.relu().add(exponentiate(x.minimum(0).mul(1 / alpha)).sub(1).mul(alpha));
}

/**
 * eˣ.
 * @example
 * console.log(await activations.exponential(tensor([-1, 0, 1])).toArray()); // [0.3679, 1, 2.7183]
 */
export function exponential(x: Tensor): Tensor {
  return exponentiate(x);
}
