import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * x with its axes in another order: axis i of the result is axis `permutation[i]` of x.
 * Without a permutation the axes are reversed.
 *
 * @shape [A,B,C] → [A,C,B] for the permutation [0,2,1]
 * @source ONNX Transpose
 * @example
 * console.log(await ops.transpose([[1, 2], [3, 4]]).toArray()); // [[1, 3], [2, 4]]
 */
export const transpose: OpOf<(x: TensorLike, permutation?: readonly number[]) => Tensor> = defineOp({
  name: "transpose",
  call: (apply: Apply<{ permutation: readonly number[] }>) => (x, permutation) => {
    const value = toTensor(x);
    const axes = (permutation ?? value.shape.map((_, i) => value.rank - 1 - i)).map((axis) =>
      normalizeAxis(axis, value.rank, "transpose"),
    );
    if (new Set(axes).size !== value.rank) {
      throw shapeError("transpose", `each of ${value.rank} axes once, not [${axes.join(", ")}]`, [value.shape]);
    }
    return axes.every((axis, i) => axis === i) ? value : apply([value], { permutation: axes })[0];
  },
  infer: ([x], { permutation }) => ({
    shape: permutation.map((axis) => x.shape[axis]!),
    dtype: x.dtype,
  }),
  grad: ({ attrs: { permutation } }, [g]) => {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(g!, inverse)];
  },
  lower: (b, [x], { attrs: { permutation } }) => b.node("Transpose", [x], { perm: permutation }),
});

/**
 * x with its last two axes swapped. @shape [...,M,N] → [...,N,M]
 * @example
 * console.log(await ops.matrixTranspose([[[1, 2], [3, 4]]]).toArray()); // [[[1, 3], [2, 4]]]
 */
export function matrixTranspose(x: TensorLike): Tensor {
  const value = toTensor(x);
  const rest = value.shape.slice(0, -2).map((_, i) => i);
  return transpose(value, [...rest, value.rank - 1, value.rank - 2]);
}
