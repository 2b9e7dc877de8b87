import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { toTensor } from "../../graph/literal.js";
import { arrayOf } from "../../tensor/dtype.js";
import { constant } from "../elementwise/literal.js";
import { broadcastTo } from "./broadcastTo.js";

/**
 * A tensor of one repeated value. @shape → shape
 * @example
 * console.log(await ops.full([2, 2], 7).toArray()); // [[7, 7], [7, 7]]
 */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  return broadcastTo(toTensor(value, dtype), shape);
}

/**
 * Zeros. @shape → shape
 * @example
 * console.log(await ops.zeros([2]).toArray()); // [0, 0]
 */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  return full(shape, 0, dtype);
}

/**
 * Ones. @shape → shape
 * @example
 * console.log(await ops.ones([2]).toArray()); // [1, 1]
 */
export function ones(shape: Shape, dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}

/**
 * Zeros of another tensor's shape and dtype. @shape [...] → [...]
 * @example
 * console.log(await ops.zerosLike(tensor([1, 2])).toArray()); // [0, 0]
 */
export function zerosLike(x: Tensor): Tensor {
  return zeros(x.shape, x.dtype);
}

/**
 * Ones of another tensor's shape and dtype. @shape [...] → [...]
 * @example
 * console.log(await ops.onesLike(tensor([1, 2])).toArray()); // [1, 1]
 */
export function onesLike(x: Tensor): Tensor {
  return ones(x.shape, x.dtype);
}

/**
 * 0, 1, …, length − 1. @shape → [length]
 * @example
 * console.log(await ops.arange(4).toArray()); // [0, 1, 2, 3]
 */
export function arange(length: number, dtype: DType = "int32"): Tensor {
  return constant(arrayOf(dtype, Array.from({ length }, (_, i) => i)), [length], dtype);
}
