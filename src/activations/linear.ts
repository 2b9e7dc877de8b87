import type { Tensor } from "../tensor/tensor.js";

/** x itself. */
export function linear(x: Tensor): Tensor {
  return x;
}
