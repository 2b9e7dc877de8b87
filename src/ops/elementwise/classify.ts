import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { isFloat } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { logicalNot, logicalOr } from "./compare.js";

function test(name: string, type: string): OpOf<(x: TensorLike) => Tensor> {
  return defineOp({
    name,
    elementwise: true,
    call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
    infer: ([x]) => {
      if (!isFloat(x.dtype)) throw shapeError(name, `a float tensor, not ${x.dtype}`, [x.shape], "whole numbers are always finite");
      return { shape: x.shape, dtype: "bool" };
    },
    grad: "none",
    lower: (b, [x]) => b.node(type, [x]),
  });
}

/**
 * Whether x is not a number. @shape [...] → [...] bool @source ONNX IsNaN
 * @example
 * console.log(await ops.isNaN([1, NaN]).toArray()); // [false, true]
 */
export const isNaN = test("isNaN", "IsNaN");

/**
 * Whether x is ∞ or −∞. @shape [...] → [...] bool @source ONNX IsInf
 * @example
 * console.log(await ops.isInfinite([1, Infinity]).toArray()); // [false, true]
 */
export const isInfinite = test("isInfinite", "IsInf");

/**
 * Whether x is neither infinite nor NaN. @shape [...] → [...] bool
 * @example
 * console.log(await ops.isFinite([1, Infinity, NaN]).toArray()); // [true, false, false]
 */
export function isFinite(x: TensorLike): Tensor {
  return logicalNot(logicalOr(isNaN(x), isInfinite(x)));
}
