import { tanh as hyperbolic } from "../ops/elementwise/unary.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * The hyperbolic tangent.
 * @example
 * console.log(await activations.tanh(tensor([-1, 0, 1])).toArray()); // [-0.7616, 0, 0.7616]
 */
export function tanh(x: Tensor): Tensor {
  return hyperbolic(x);
}

/**
 * x − tanh(x).
 * @example
 * console.log(await activations.tanhShrink(tensor([-1, 0, 1])).toArray()); // [-0.2384, 0, 0.2384]
 */
export function tanhShrink(x: Tensor): Tensor {
  return x.sub(hyperbolic(x));
}
