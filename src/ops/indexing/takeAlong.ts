import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { wholeIndices } from "./wholeIndices.js";

/**
 * One element per index along an axis: for the last axis, y[…,i] = x[…, indices[…,i]].
 *
 * @shape [A,N], [A,M] → [A,M] for axis 1
 * @source ONNX GatherElements
 * @example
 * console.log(await ops.takeAlong([[1, 2], [3, 4]], tensor([[1], [0]], { dtype: "int32" })).toArray()); // [[2], [3]]
 */
export const takeAlong: OpOf<(x: TensorLike, indices: TensorLike, axis?: number) => Tensor> = defineOp({
  name: "takeAlong",
  call: (apply: Apply<{ axis: number }>) => (x, indices, axis = -1) => {
    const value = toTensor(x);
    return apply([value, toTensor(indices, "int32")], { axis: normalizeAxis(axis, value.rank, "takeAlong") })[0];
  },
  infer: ([x, indices], { axis }) => {
    wholeIndices("takeAlong", indices);
    const fits = indices.rank === x.rank && indices.shape.every((dim, i) => i === axis || dim === x.shape[i]);
    if (!fits) throw shapeError("takeAlong", `indices of the same shape but for axis ${axis}`, [x.shape, indices.shape]);
    return { shape: indices.shape, dtype: x.dtype };
  },
  grad: ({ inputs: [x, indices], attrs: { axis } }, [g]) => [
    putAlong(g!, indices, concreteDim(x.shape[axis]!, "gradient of takeAlong"), axis),
    null,
  ],
  lower: (b, [x, indices], { attrs: { axis } }) => b.node("GatherElements", [x, indices], { axis }),
});

/**
 * Zeros with each update added at its index along an axis: the adjoint of {@link takeAlong}.
 *
 * @shape [A,M], [A,M] → [A,size] for axis 1
 * @source ONNX ScatterElements
 * @example
 * console.log(await ops.putAlong([[5], [6]], tensor([[1], [0]], { dtype: "int32" }), 2).toArray()); // [[0, 5], [6, 0]]
 */
export const putAlong: OpOf<(updates: TensorLike, indices: TensorLike, size: number, axis?: number) => Tensor> =
  defineOp({
    name: "putAlong",
    call: (apply: Apply<{ size: number; axis: number }>) => (updates, indices, size, axis = -1) => {
      const value = toTensor(updates);
      const at = normalizeAxis(axis, value.rank, "putAlong");
      return apply([value, toTensor(indices, "int32")], { size, axis: at })[0];
    },
    infer: ([updates], { size, axis }) => ({
      shape: updates.shape.map((dim, i) => (i === axis ? size : dim)),
      dtype: updates.dtype,
    }),
    grad: ({ inputs: [, indices], attrs: { axis } }, [g]) => [takeAlong(g!, indices, axis), null],
    lower: (b, [updates, indices], { outputs: [y], attrs: { axis } }) => {
      const zeros = b.node("Expand", [b.scalar(0, y.dtype), b.shape(y.shape)]);
      return b.node("ScatterElements", [zeros, indices, updates], { axis, reduction: "add" });
    },
  });
