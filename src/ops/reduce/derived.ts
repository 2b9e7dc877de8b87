import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, sub } from "../elementwise/binary.js";
import { rootOrZero } from "../elementwise/rootOrZero.js";
import { exp, log, sqrt, square, stopGradient } from "../elementwise/unary.js";
import { reshape } from "../shape/reshape.js";
import { type ReduceOptions, max, mean, sum } from "./reduce.js";

/**
 * The biased variance mean((x − mean(x))²), in two passes. @shape [...] → [...] without the axes
 * @example
 * console.log(await ops.variance([1, 2, 3]).toArray()); // 0.6667
 */
export function variance(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const value = toTensor(x);
  return mean(square(sub(value, mean(value, { ...options, keepDims: true }))), options);
}

/**
 * The square root of the biased variance; the gradient where that is 0 is 0. @shape [...] → [...] without the axes
 * @example
 * console.log(await ops.std([1, 2, 3]).toArray()); // 0.8165
 */
export function std(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return rootOrZero(variance(x, options), sqrt);
}

/**
 * ln Σ eˣ over axes, without overflow. @shape [...] → [...] without the axes
 * @example
 * console.log(await ops.logSumExp([0, 1]).toArray()); // 1.3133
 */
export function logSumExp(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const value = toTensor(x);
  const peak = stopGradient(max(value, { ...options, keepDims: true }));
  const tail = log(sum(exp(sub(value, peak)), options));
  return add(tail, reshape(peak, tail.shape));
}
