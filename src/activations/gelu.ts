import { gelu as op, type GeluOptions } from "../ops/nn/gelu.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * x·Φ(x), Φ being the normal distribution function: x/2·(1 + erf(x/√2)), or, approximated,
 * x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
 * @example
 * console.log(await activations.gelu(tensor([-1, 0, 1])).toArray()); // [-0.1587, 0, 0.8413]
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  return op(x, options);
}
