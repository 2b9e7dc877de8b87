import { EPSILON } from "../epsilon.js";
import { badOption } from "../options.js";
import { abs, rsqrt, square } from "../ops/elementwise/unary.js";
import { constant } from "../ops/elementwise/literal.js";
import { matmul } from "../ops/matrix/matmul.js";
import { sum } from "../ops/reduce/reduce.js";
import { concreteDim } from "../tensor/dim.js";
import { shapeError } from "../graph/node.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineRegularizer } from "./regularizer.js";

/** Options of {@link orthogonalRegularizer}. */
export interface OrthogonalOptions {
  /** At least 0, default 0.01. */
  readonly factor: number;
  /** What shall be at right angles to each other. Default `"rows"`. */
  readonly mode: "rows" | "columns";
}

/**
 * factor · the mean |cosine| between all pairs of rows or columns of a matrix, halved as in Keras.
 *
 * @throws BAD_ARGUMENT when mode is neither "rows" nor "columns"
 * @throws SHAPE_MISMATCH when the weight is no matrix
 * @example
 * layers.dense({ units: 8, kernelRegularizer: regularizers.orthogonalRegularizer({ factor: 0.1 }) });
 */
export const orthogonalRegularizer = defineRegularizer<OrthogonalOptions>({
  className: "OrthogonalRegularizer",
  defaults: { factor: 0.01, mode: "rows" },
  call: (weight, { factor, mode }) => {
    if (mode !== "rows" && mode !== "columns") {
      throw badOption("OrthogonalRegularizer", "mode", '"rows" or "columns"', mode);
    }
    if (weight.rank !== 2) throw shapeError("orthogonalRegularizer", "a matrix", [weight.shape]);
    const rows = mode === "rows" ? weight : weight.transpose();
    const count = concreteDim(rows.shape[0]!, "orthogonalRegularizer");
    const length = sum(square(rows), { axes: 1, keepDims: true }).maximum(EPSILON ** 2);
    const unit = rows.mul(rsqrt(length));
    const cosines = matmul(unit, unit, { transposeB: true }).mul(offDiagonal(count));
    return sum(abs(cosines)).mul((factor * 0.5) / ((count * (count - 1)) / 2));
  },
});

function offDiagonal(count: number): Tensor {
  const data = Float32Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 0 : 1));
  return constant(data, [count, count], "float32");
}
