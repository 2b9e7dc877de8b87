import { tanh as hyperbolic } from "../ops/elementwise/unary.js";
import type { Tensor } from "../tensor/tensor.js";

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return hyperbolic(x);
}

/** x − tanh(x). */
export function tanhShrink(x: Tensor): Tensor {
  return x.sub(hyperbolic(x));
}
