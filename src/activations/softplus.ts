import { softplus as smoothRelu } from "../ops/elementwise/unary.js";
import { less, lessEqual } from "../ops/elementwise/compare.js";
import { where } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * ln(1 + eˣ), without overflow.
 * @example
 * console.log(await activations.softplus(tensor([-1, 0, 1])).toArray()); // [0.3133, 0.6931, 1.3133]
 */
export function softplus(x: Tensor): Tensor {
  return smoothRelu(x);
}

/**
 * x / (1 + |x|).
 * @example
 * console.log(await activations.softsign(tensor([-1, 0, 1])).toArray()); // [-0.5, 0, 0.5]
 */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1));
}

/**
 * 0 up to −1, (x + 1)²/4 up to 1, then x.
 * @example
 * console.log(await activations.sparsePlus(tensor([-1, 0, 1])).toArray()); // [0, 0.25, 1]
 */
export function sparsePlus(x: Tensor): Tensor {
  const curve = x.add(1).square().mul(0.25);
  return where(lessEqual(x, -1), 0, where(less(x, 1), curve, x));
}

/**
 * (x + √(x² + b)) / 2.
 * @example
 * console.log(await activations.squareplus(tensor([-1, 0, 1])).toArray()); // [0.618, 1, 1.618]
 */
export function squareplus(x: Tensor, options: { /** Roundness, at least 0. Default 4. */ readonly b?: number } = {}): Tensor {
  return x.add(x.square().add(options.b ?? 4).sqrt()).mul(0.5);
}
