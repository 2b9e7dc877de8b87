import type { Tensor } from "../tensor/tensor.js";

/**
 * x itself.
 * @example
 * console.log(await activations.linear(tensor([-1, 0, 1])).toArray()); // [-1, 0, 1]
 */
export function linear(x: Tensor): Tensor {
  return x;
}
