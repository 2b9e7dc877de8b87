import { nodeOf } from "../../graph/node.js";
import { type Apply, defineOp } from "../../graph/op.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { reshape } from "../../ops/shape/reshape.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";

type GemmAttrs = { readonly transA: boolean; readonly transB: boolean };

/** A product of two matrices, each maybe read transposed. Made after gradients, so it has none. @source ONNX Gemm */
const gemmOp = defineOp({
  name: "gemm",
  call: (apply: Apply<GemmAttrs>) => (a: Tensor, b: Tensor, attrs: GemmAttrs) => apply([a, b], attrs)[0],
  infer: ([a, b], { transA, transB }) => ({
    shape: [a.shape[transA ? 1 : 0]!, b.shape[transB ? 0 : 1]!],
    dtype: a.dtype,
  }),
  grad: "none",
  lower: (b, [x, y], { attrs: { transA, transB } }) =>
    b.node("Gemm", [x, y], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 }),
});

/** Lets a product read a transposed matrix in place of copying it; rows in several axes are one matrix. */
export const gemm: Rule = {
  name: "gemm",
  rewrite: (node) => {
    const [a, b] = node.inputs;
    if (node.op !== matmul || b!.rank !== 2 || a!.dtype !== "float32") return undefined;
    const [left, right] = [untransposed(a!), untransposed(b!)];
    const { shape } = node.outputs[0]!;
    if (a!.rank > 2) {
      // A free axis or no elements say too little of the matrix's rows.
      if (right === undefined || !a!.shape.every((dim) => typeof dim === "number" && dim > 0)) return undefined;
      const rows = reshape(a!, [-1, a!.shape.at(-1)!]);
      return [reshape(gemmOp(rows, right, { transA: false, transB: true }), shape)];
    }
    if (a!.rank !== 2 || (left === undefined && right === undefined)) return undefined;
    return [gemmOp(left ?? a!, right ?? b!, { transA: left !== undefined, transB: right !== undefined })];
  },
};

/** What a matrix is the transpose of. */
function untransposed(matrix: Tensor): Tensor | undefined {
  const node = matrix.rank === 2 ? nodeOf(matrix) : undefined;
  return node?.op === transpose ? node.inputs[0] : undefined;
}
