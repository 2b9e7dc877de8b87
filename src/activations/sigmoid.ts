import { neg, sigmoid as logistic, softplus } from "../ops/elementwise/unary.js";
import type { Tensor } from "../tensor/tensor.js";
import { relu6 } from "./relu.js";

/**
 * 1 / (1 + e⁻ˣ).
 * @example
 * console.log(await activations.sigmoid(tensor([-1, 0, 1])).toArray()); // [0.2689, 0.5, 0.7311]
 */
export function sigmoid(x: Tensor): Tensor {
  return logistic(x);
}

/**
 * min(max(x + 3, 0), 6) / 6: a sigmoid of straight lines.
 * @example
 * console.log(await activations.hardSigmoid(tensor([-1, 0, 1])).toArray()); // [0.3333, 0.5, 0.6667]
 */
export function hardSigmoid(x: Tensor): Tensor {
  return relu6(x.add(3)).mul(1 / 6);
}

/**
 * min(max((x + 1) / 2, 0), 1).
 * @example
 * console.log(await activations.sparseSigmoid(tensor([-1, 0, 1])).toArray()); // [0, 0.5, 1]
 */
export function sparseSigmoid(x: Tensor): Tensor {
  return x.add(1).mul(0.5).clip(0, 1);
}

/**
 * ln(1 / (1 + e⁻ˣ)), without overflow.
 * @example
 * console.log(await activations.logSigmoid(tensor([-1, 0, 1])).toArray()); // [-1.3133, -0.6931, -0.3133]
 */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x)));
}
