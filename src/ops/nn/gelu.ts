import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { isFloat } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, mul, sub } from "../elementwise/binary.js";
import { erf, exp, sigmoid } from "../elementwise/unary.js";

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** Whether to use the tanh form. Default false. */
  readonly approximate?: boolean;
}

/**
 * x·Φ(x), Φ being the normal distribution function: x/2·(1 + erf(x/√2)), or, approximated,
 * x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
 *
 * @shape [...] → [...]
 * @source ONNX Gelu
 * @example
 * console.log(await ops.gelu([-1, 0, 1]).toArray()); // [-0.1587, 0, 0.8413]
 */
export const gelu: OpOf<(x: TensorLike, options?: GeluOptions) => Tensor> = defineOp({
  name: "gelu",
  elementwise: true,
  call: (apply: Apply<{ approximate: boolean }>) => (x, options = {}) =>
    apply([toTensor(x)], { approximate: options.approximate ?? false })[0],
  infer: ([x]) => {
    if (!isFloat(x.dtype)) throw shapeError("gelu", `a float tensor, not ${x.dtype}`, [x.shape], 'cast it: x.cast("float32")');
    return { shape: x.shape, dtype: x.dtype };
  },
  grad: ({ inputs: [x], outputs: [y], attrs: { approximate } }, [g]) => [mul(g!, approximate ? tanhSlope(x, y) : exactSlope(x))],
  lower: (b, [x], { attrs: { approximate } }) => b.node("Gelu", [x], { approximate: approximate ? "tanh" : "none" }),
});

/** Φ(x) + x·φ(x). */
function exactSlope(x: Tensor): Tensor {
  const below = add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5);
  const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(below, mul(x, density));
}

/** With the tanh form y = x·s for s = σ(2u), u = √(2/π)·(x + 0.044715·x³): y' = s + (y − y·s)·2u'. */
function tanhSlope(x: Tensor, y: Tensor): Tensor {
  const scale = 2 * Math.sqrt(2 / Math.PI);
  const cubic = mul(mul(x, x), 0.044715 * scale);
  const s = sigmoid(mul(add(cubic, scale), x));
  const slope = add(mul(cubic, 3), scale); // 2u'
  return add(s, mul(sub(y, mul(y, s)), slope));
}
