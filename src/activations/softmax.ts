import { logSoftmax as logNormalize, softmax as normalize } from "../ops/nn/softmax.js";
import type { Tensor } from "../tensor/tensor.js";

/** Which axis is normalized. */
export interface SoftmaxOptions {
  /** The axis that sums to 1. Default −1. */
  readonly axis?: number;
}

/**
 * eˣ / Σ eˣ along an axis.
 * @example
 * console.log(await activations.softmax(tensor([0, 0, 1])).toArray()); // [0.2119, 0.2119, 0.5761]
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return normalize(x, options.axis);
}

/**
 * x − ln Σ eˣ along an axis.
 * @example
 * console.log(await activations.logSoftmax(tensor([0, 0, 1])).toArray()); // [-1.5514, -1.5514, -0.5514]
 */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return logNormalize(x, options.axis);
}
