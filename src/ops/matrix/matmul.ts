import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensors, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { broadcastShapes, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sameDType } from "../elementwise/binaryOp.js";
import { sumTo } from "../reduce/sumTo.js";
import { expandDims, reshape, squeeze } from "../shape/reshape.js";
import { matrixTranspose } from "../shape/transpose.js";

/** Whether an operand of `matmul` is read with its last two axes swapped. */
export interface MatmulOptions {
  /** Whether the last two axes of the first operand are swapped. Default false. */
  readonly transposeA?: boolean;
  /** Whether those of the second are. Default false. */
  readonly transposeB?: boolean;
}

/**
 * The matrix product over the last two axes; leading axes broadcast. A vector counts as one row
 * on the left and one column on the right.
 *
 * @shape [...,M,K], [...,K,N] → [...,M,N]
 * @source ONNX MatMul
 * @example
 * console.log(await ops.matmul([[1, 2], [3, 4]], [[1], [10]]).toArray()); // [[21], [43]]
 */
export const matmul: OpOf<(a: TensorLike, b: TensorLike, options?: MatmulOptions) => Tensor> = defineOp({
  name: "matmul",
  call: (apply: Apply) => (a, b, options = {}) => {
    const [x, y] = toTensors(a, b);
    if (x.rank === 0 || y.rank === 0) throw shapeError("matmul", "at least one axis on both sides", [x.shape, y.shape]);
    if (x.rank === 1) return squeeze(matmul(expandDims(x, 0), y, options), y.rank === 1 ? 0 : -2);
    if (y.rank === 1) return squeeze(matmul(x, expandDims(y, 1), options), -1);
    return apply([
      options.transposeA === true ? matrixTranspose(x) : x,
      options.transposeB === true ? matrixTranspose(y) : y,
    ])[0];
  },
  infer: ([a, b]) => {
    sameDType("matmul", a, b);
    if (a.shape.at(-1) !== b.shape.at(-2)) {
      throw shapeError("matmul", "the left's last axis equal to the right's second last", [a.shape, b.shape]);
    }
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), "matmul");
    return { shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!], dtype: a.dtype };
  },
  grad: ({ inputs: [a, b], needed }, [g]) => [
    needed[0] ? sumTo(matmul(g!, b, { transposeB: true }), a.shape) : null,
    needed[1] ? rightGradient(a, b, g!) : null,
  ],
  lower: (b, [x, y]) => b.node("MatMul", [x, y]),
});

/** aᵀ·g, with leading axes folded into one product where b is a single matrix. */
function rightGradient(a: Tensor, b: Tensor, g: Tensor): Tensor {
  if (b.rank > 2 || a.rank === 2) return sumTo(matmul(a, g, { transposeA: true }), b.shape);
  const rows = symbolicSize(a.shape.slice(0, -1));
  const flatA = reshape(a, [rows, a.shape.at(-1)!]); // [B·T, K]
  const flatG = reshape(g, [rows, g.shape.at(-1)!]); // [B·T, N]
  return matmul(flatA, flatG, { transposeA: true });
}
