import { logSoftmax as logNormalize, softmax as normalize } from "../ops/nn/softmax.js";
import type { Tensor } from "../tensor/tensor.js";

/** Which axis is normalized. */
export interface SoftmaxOptions {
  /** The axis that sums to 1. Default −1. */
  readonly axis?: number;
}

/** eˣ / Σ eˣ along an axis. */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return normalize(x, options.axis);
}

/** x − ln Σ eˣ along an axis. */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return logNormalize(x, options.axis);
}
