import * as ops from "../../../ops/index.js";
import { isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

function scaled(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : ops.mul(x, factor);
}

/** alpha · A·B + beta · C. */
function gemm(call: Call): Outputs {
  const [a, b, c] = [call.tensor(0), call.tensor(1), call.optional(2)];
  if (!isFloat(a.dtype)) return undefined;
  const product = ops.matmul(a, b, { transposeA: call.flag("transA"), transposeB: call.flag("transB") });
  const y = scaled(product, call.float("alpha", 1));
  return c === undefined || call.float("beta", 1) === 0 ? y : ops.add(y, scaled(c, call.float("beta", 1)));
}

function fusedMatMul(call: Call): Outputs {
  if (call.flag("transBatchA") || call.flag("transBatchB")) return undefined;
  const options = { transposeA: call.flag("transA"), transposeB: call.flag("transB") };
  return scaled(ops.matmul(call.tensor(0), call.tensor(1), options), call.float("alpha", 1));
}

export const matrix: Readonly<Record<string, Rule>> = {
  Einsum: (call) =>
    call.inputs.every((input) => input !== undefined && isFloat(input.dtype))
      ? ops.einsum(call.string("equation", "").replaceAll(" ", ""), call.inputs.map((_, i) => call.tensor(i)))
      : undefined,
  Gemm: gemm,
  MatMul: (call) => ops.matmul(call.tensor(0), call.tensor(1)),
  "com.microsoft.FusedMatMul": fusedMatMul,
};
