import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, toTensors, type TensorLike } from "../../graph/literal.js";
import { broadcastShapes } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sameDType } from "./binaryOp.js";

/** A broadcasting op with a bool result. */
function comparison(name: string, type: string): OpOf<(x: TensorLike, y: TensorLike) => Tensor> {
  return defineOp({
    name,
    elementwise: true,
    call: (apply: Apply) => (x: TensorLike, y: TensorLike) => apply(toTensors(x, y))[0],
    infer: ([x, y]) => {
      sameDType(name, x, y);
      return { shape: broadcastShapes(x.shape, y.shape, name), dtype: "bool" };
    },
    grad: "none",
    lower: (b, [x, y]) => b.node(type, [x, y]),
  });
}

/**
 * x = y. @shape [...], [...] → [...] @source ONNX Equal
 * @example
 * console.log(await ops.equal([1, 2], [1, 3]).toArray()); // [true, false]
 */
export const equal = comparison("equal", "Equal");

/**
 * x < y. @shape [...], [...] → [...] @source ONNX Less
 * @example
 * console.log(await ops.less([1, 2], 2).toArray()); // [true, false]
 */
export const less = comparison("less", "Less");

/**
 * x ≤ y. @shape [...], [...] → [...] @source ONNX LessOrEqual
 * @example
 * console.log(await ops.lessEqual([1, 2], 2).toArray()); // [true, true]
 */
export const lessEqual = comparison("lessEqual", "LessOrEqual");

/**
 * x > y. @shape [...], [...] → [...] @source ONNX Greater
 * @example
 * console.log(await ops.greater([2, 3], 2).toArray()); // [false, true]
 */
export const greater = comparison("greater", "Greater");

/**
 * x ≥ y. @shape [...], [...] → [...] @source ONNX GreaterOrEqual
 * @example
 * console.log(await ops.greaterEqual([2, 3], 2).toArray()); // [true, true]
 */
export const greaterEqual = comparison("greaterEqual", "GreaterOrEqual");

/**
 * x and y, of bool tensors. @shape [...], [...] → [...] @source ONNX And
 * @example
 * console.log(await ops.logicalAnd([true, true], [true, false]).toArray()); // [true, false]
 */
export const logicalAnd = comparison("logicalAnd", "And");

/**
 * x or y, of bool tensors. @shape [...], [...] → [...] @source ONNX Or
 * @example
 * console.log(await ops.logicalOr([false, true], [false, false]).toArray()); // [false, true]
 */
export const logicalOr = comparison("logicalOr", "Or");

/**
 * not x, of a bool tensor. @shape [...] → [...] @source ONNX Not
 * @example
 * console.log(await ops.logicalNot([true, false]).toArray()); // [false, true]
 */
export const logicalNot: OpOf<(x: TensorLike) => Tensor> = defineOp({
  name: "logicalNot",
  elementwise: true,
  call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
  infer: ([x]) => x,
  grad: "none",
  lower: (b, [x]) => b.node("Not", [x]),
});

/**
 * x ≠ y. @shape [...], [...] → [...]
 * @example
 * console.log(await ops.notEqual([1, 2], [1, 3]).toArray()); // [false, true]
 */
export function notEqual(x: TensorLike, y: TensorLike): Tensor {
  return logicalNot(equal(x, y));
}
