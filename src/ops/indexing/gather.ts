import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import { normalizeAxis, sameShape, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { wholeIndices } from "./wholeIndices.js";

/**
 * The slices of x along an axis at whole-number indices: for axis 0, y[i…] = x[indices[i…]].
 * An index outside the axis is an error while running.
 *
 * @shape [A,N,B], [...I] → [A,...I,B] for axis 1
 * @source ONNX Gather
 * @example
 * console.log(await ops.gather([[1, 2], [3, 4], [5, 6]], tensor([2, 0], { dtype: "int32" })).toArray()); // [[5, 6], [1, 2]]
 */
export const gather: OpOf<(x: TensorLike, indices: TensorLike, axis?: number) => Tensor> = defineOp({
  name: "gather",
  call: (apply: Apply<{ axis: number }>) => (x, indices, axis = 0) => {
    const value = toTensor(x);
    return apply([value, toTensor(indices, "int32")], { axis: normalizeAxis(axis, value.rank, "gather") })[0];
  },
  infer: ([x, indices], { axis }) => {
    wholeIndices("gather", indices);
    return { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype };
  },
  grad: ({ inputs: [x, indices], attrs: { axis } }, [g]) => [
    scatterAdd(g!, indices, concreteDim(x.shape[axis]!, "gradient of gather"), axis),
    null,
  ],
  lower: (b, [x, indices], { attrs: { axis } }) => b.node("Gather", [x, indices], { axis }),
});

/**
 * Zeros with slices added at whole-number indices along an axis, repeated indices summed:
 * the adjoint of {@link gather}.
 *
 * @shape [A,...I,B], [...I] → [A,size,B] for axis 1
 * @source ONNX ScatterElements
 * @example
 * console.log(await ops.scatterAdd([1, 2, 3], tensor([0, 2, 0], { dtype: "int32" }), 3).toArray()); // [4, 0, 2]
 */
export const scatterAdd: OpOf<(updates: TensorLike, indices: TensorLike, size: number, axis?: number) => Tensor> =
  defineOp({
    name: "scatterAdd",
    call: (apply: Apply<{ size: number; axis: number }>) => (updates, indices, size, axis = 0) => {
      const [values, places] = [toTensor(updates), toTensor(indices, "int32")];
      const rank = values.rank - places.rank + 1;
      return apply([values, places], { size, axis: normalizeAxis(axis, rank, "scatterAdd") })[0];
    },
    infer: ([updates, indices], { size, axis }) => {
      wholeIndices("scatterAdd", indices);
      const middle = updates.shape.slice(axis, axis + indices.rank);
      if (!sameShape(middle, indices.shape)) {
        throw shapeError("scatterAdd", "updates that hold the indices' shape at the axis", [updates.shape, indices.shape]);
      }
      const shape = [...updates.shape.slice(0, axis), size, ...updates.shape.slice(axis + indices.rank)];
      return { shape, dtype: updates.dtype };
    },
    grad: ({ inputs: [, indices], attrs: { axis } }, [g]) => [gather(g!, indices, axis), null],
    lower: (b, [updates, indices], { inputs, outputs: [y], attrs: { axis } }) => {
      // ScatterElements and not ScatterND, whose sums are wrong with two threads (ONNX Runtime 1.30).
      const count = symbolicSize(inputs[1].shape);
      const before = y.shape.slice(0, axis);
      const after = y.shape.slice(axis + 1);
      const flat = b.shape([...before, count, ...after]);
      const column = [...before.map(() => 1), count, ...after.map(() => 1)];
      const places = b.node("Expand", [b.node("Reshape", [indices, b.shape(column)], { allowzero: 1 }), flat]);
      const values = b.node("Reshape", [updates, flat], { allowzero: 1 });
      const zeros = b.node("Expand", [b.scalar(0, y.dtype), b.shape(y.shape)]);
      return b.node("ScatterElements", [zeros, places, values], { axis, reduction: "add" });
    },
  });
