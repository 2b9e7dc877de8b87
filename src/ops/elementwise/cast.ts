import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { type DType, isFloat } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * x with elements of another dtype; fractions are cut off towards zero.
 * Gradients pass between float dtypes only.
 *
 * @shape [...] → [...]
 * @source ONNX Cast
 * @example
 * console.log(await ops.cast([1.7, -1.7], "int32").toArray()); // [1, -1]
 */
export const cast: OpOf<(x: TensorLike, to: DType) => Tensor> = defineOp({
  name: "cast",
  elementwise: true,
  call: (apply: Apply<{ to: DType }>) => (x, to) => {
    const value = toTensor(x);
    return value.dtype === to ? value : apply([value], { to })[0];
  },
  infer: ([x], { to }) => ({ shape: x.shape, dtype: to }),
  grad: ({ inputs: [x], attrs: { to } }, [g]) => [
    isFloat(x.dtype) && isFloat(to) ? cast(g!, x.dtype) : null,
  ],
  lower: (b, [x], { attrs: { to } }) => b.cast(x, to),
});
