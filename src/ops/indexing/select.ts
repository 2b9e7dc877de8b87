import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { DType } from "../../tensor/dtype.js";
import { arrayOf } from "../../tensor/dtype.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { wholeIndices } from "./wholeIndices.js";

/**
 * A last axis of `depth` with 1 at each index and 0 elsewhere; all 0 for an index outside.
 *
 * @shape [...] → [...,depth]
 * @source ONNX OneHot, written as Equal, which every execution provider runs
 * @example
 * console.log(await ops.oneHot(tensor([2, 0], { dtype: "int32" }), 3).toArray()); // [[0, 0, 1], [1, 0, 0]]
 */
export const oneHot: OpOf<(indices: TensorLike, depth: number, dtype?: DType) => Tensor> = defineOp({
  name: "oneHot",
  call: (apply: Apply<{ depth: number; dtype: DType }>) => (indices, depth, dtype = "float32") =>
    apply([toTensor(indices, "int32")], { depth, dtype })[0],
  infer: ([indices], { depth, dtype }) => {
    wholeIndices("oneHot", indices);
    return { shape: [...indices.shape, depth], dtype };
  },
  grad: "none",
  lower: (b, [indices], { inputs, attrs: { depth, dtype } }) => {
    const classes = Array.from({ length: depth }, (_, i) => i);
    const range = b.constant(arrayOf(inputs[0].dtype, classes), [depth], inputs[0].dtype);
    const column = b.node("Unsqueeze", [indices, b.int64s([-1])]);
    return b.cast(b.node("Equal", [column, range]), dtype);
  },
});

function argExtremum(name: string, type: string): OpOf<(x: TensorLike, axis?: number) => Tensor> {
  return defineOp({
    name,
    call: (apply: Apply<{ axis: number }>) => (x: TensorLike, axis = -1) => {
      const value = toTensor(x);
      return apply([value], { axis: normalizeAxis(axis, value.rank, name) })[0];
    },
    infer: ([x], { axis }) => ({ shape: x.shape.filter((_, i) => i !== axis), dtype: "int32" }),
    grad: "none",
    lower: (b, [x], { attrs: { axis } }) => b.cast(b.node(type, [x], { axis, keepdims: 0 }), "int32"),
  });
}

/**
 * The int32 index of the largest element along an axis, the first of several. @shape [A,N] → [A] @source ONNX ArgMax
 * @example
 * console.log(await ops.argMax([[1, 3, 2], [9, 7, 8]]).toArray()); // [1, 0]
 */
export const argMax = argExtremum("argMax", "ArgMax");

/**
 * The int32 index of the smallest element along an axis, the first of several. @shape [A,N] → [A] @source ONNX ArgMin
 * @example
 * console.log(await ops.argMin([[1, 3, 2], [9, 7, 8]]).toArray()); // [0, 1]
 */
export const argMin = argExtremum("argMin", "ArgMin");
