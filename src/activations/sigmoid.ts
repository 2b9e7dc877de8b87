import { neg, sigmoid as logistic, softplus } from "../ops/elementwise/unary.js";
import type { Tensor } from "../tensor/tensor.js";
import { relu6 } from "./relu.js";

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return logistic(x);
}

/** min(max(x + 3, 0), 6) / 6: a sigmoid of straight lines. */
export function hardSigmoid(x: Tensor): Tensor {
  return relu6(x.add(3)).mul(1 / 6);
}

/** min(max((x + 1) / 2, 0), 1). */
export function sparseSigmoid(x: Tensor): Tensor {
  return x.add(1).mul(0.5).clip(0, 1);
}

/** ln(1 / (1 + e⁻ˣ)), without overflow. */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x)));
}
