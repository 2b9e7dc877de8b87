import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { cast } from "../elementwise/cast.js";
import { equal, greater, logicalNot } from "../elementwise/compare.js";
import { type ReduceOptions, sum } from "./reduce.js";

/**
 * The int32 number of elements other than 0. @shape [...] → [...] without the axes
 * @example
 * console.log(await ops.countNonZero([0, 3, 5]).toArray()); // 2
 */
export function countNonZero(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return sum(cast(cast(x, "bool"), "int32"), options);
}

/**
 * Whether any element is true, or not 0; false of none. @shape [...] → [...] bool without the axes
 * @example
 * console.log(await ops.any([[false, true], [false, false]], { axes: 1 }).toArray()); // [true, false]
 */
export function any(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return greater(countNonZero(x, options), 0);
}

/**
 * Whether all elements are true, or not 0; true of none. @shape [...] → [...] bool without the axes
 * @example
 * console.log(await ops.all([[true, true], [true, false]], { axes: 1 }).toArray()); // [true, false]
 */
export function all(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return equal(countNonZero(logicalNot(cast(toTensor(x), "bool")), options), 0);
}
