import type { Tensor } from "../tensor/tensor.js";
import { hardSigmoid } from "./sigmoid.js";

/** x·sigmoid(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid());
}

/** x·hardSigmoid(x), also called hard swish. */
export function hardSilu(x: Tensor): Tensor {
  return x.mul(hardSigmoid(x));
}

/** x·tanh(ln(1 + eˣ)). */
export function mish(x: Tensor): Tensor {
  return x.mul(x.softplus().tanh());
}
