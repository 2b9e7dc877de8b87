import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { binary } from "./binaryOp.js";
import { cast } from "./cast.js";
import { equal, greater, greaterEqual, less, lessEqual } from "./compare.js";
import { neg, log, reciprocal } from "./unary.js";
import { sumTo } from "../reduce/sumTo.js";
import { where } from "./where.js";

/**
 * x + y, broadcast. @shape [...], [...] → [...] @source ONNX Add
 * @example
 * console.log(await ops.add([1, 2], 10).toArray()); // [11, 12]
 */
export const add = binary("add", "Add", (g) => [() => g, () => g], { lanes: "add" });

/**
 * x − y, broadcast. @shape [...], [...] → [...] @source ONNX Sub
 * @example
 * console.log(await ops.sub([1, 2], 10).toArray()); // [-9, -8]
 */
export const sub = binary("sub", "Sub", (g, [, y]) => [
  () => g,
  // Summed first: turning the sign of what was broadcast costs less then.
  () => neg(sumTo(g, y.shape)),
], { lanes: "sub" });

/**
 * x · y, broadcast. @shape [...], [...] → [...] @source ONNX Mul
 * @example
 * console.log(await ops.mul([1, 2], 10).toArray()); // [10, 20]
 */
export const mul = binary("mul", "Mul", (g, [x, y]) => [() => mul(g, y), () => mul(g, x)], { lanes: "mul" });

/**
 * x / y, broadcast; whole numbers divide towards zero. @shape [...], [...] → [...] @source ONNX Div
 * @example
 * console.log(await ops.div([1, 2], 4).toArray()); // [0.25, 0.5]
 */
export const div = binary("div", "Div", (g, [, y], z) => [
  () => mul(g, reciprocal(y)),
  () => neg(mul(g, div(z, y))),
], { lanes: "div" });

/**
 * xʸ, broadcast. The gradient with respect to y is 0 where x ≤ 0; that with respect to x is 0
 * where y = 0.
 *
 * @shape [...], [...] → [...]
 * @source ONNX Pow
 * @example
 * console.log(await ops.pow([1, 2, 3], 2).toArray()); // [1, 4, 9]
 */
export const pow = binary("pow", "Pow", (g, [x, y], z) => [
  // Not x to the power of −1 where y = 0: the product of 0 with infinity would be NaN.
  () => mul(g, mul(y, pow(x, where(equal(y, 0), 1, sub(y, 1))))),
  () => {
    const positive = greater(x, 0);
    // The inner `where` keeps log from making a NaN that the outer one could not remove.
    return mul(g, where(positive, mul(z, log(where(positive, x, 1))), 0));
  },
]);

/**
 * The larger of x and y, broadcast; a tie's gradient goes to x. @shape [...], [...] → [...] @source ONNX Max
 * @example
 * console.log(await ops.maximum([-1, 2], 0).toArray()); // [0, 2]
 */
export const maximum = binary("maximum", "Max", (g, [x, y]) => [
  () => mul(g, cast(greaterEqual(x, y), g.dtype)),
  () => mul(g, cast(less(x, y), g.dtype)),
], { lanes: "max" });

/**
 * The smaller of x and y, broadcast; a tie's gradient goes to x. @shape [...], [...] → [...] @source ONNX Min
 * @example
 * console.log(await ops.minimum([-1, 2], 0).toArray()); // [-1, 0]
 */
export const minimum = binary("minimum", "Min", (g, [x, y]) => [
  () => mul(g, cast(lessEqual(x, y), g.dtype)),
  () => mul(g, cast(greater(x, y), g.dtype)),
], { lanes: "min" });

/**
 * x limited to [low, high], either of which may be infinite. @shape [...] → [...]
 * @example
 * console.log(await ops.clip([-2, 0.5, 3], 0, 1).toArray()); // [0, 0.5, 1]
 */
export function clip(x: TensorLike, low: number, high: number): Tensor {
  const above = low === -Infinity ? toTensor(x) : maximum(x, low);
  return high === Infinity ? above : minimum(above, high);
}
