import type { Tensor } from "../tensor/tensor.js";
import { hardSigmoid } from "./sigmoid.js";

/**
 * x·sigmoid(x), also called swish.
 * @example
 * console.log(await activations.silu(tensor([-1, 0, 1])).toArray()); // [-0.2689, 0, 0.7311]
 */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid());
}

/**
 * x·hardSigmoid(x), also called hard swish.
 * @example
 * console.log(await activations.hardSilu(tensor([-1, 0, 1])).toArray()); // [-0.3333, 0, 0.6667]
 */
export function hardSilu(x: Tensor): Tensor {
  return x.mul(hardSigmoid(x));
}

/**
 * x·tanh(ln(1 + eˣ)).
 * @example
 * console.log(await activations.mish(tensor([-1, 0, 1])).toArray()); // [-0.3034, 0, 0.8651]
 */
export function mish(x: Tensor): Tensor {
  return x.mul(x.softplus().tanh());
}
