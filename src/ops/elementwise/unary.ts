import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { div, mul, sub } from "./binary.js";
import { greater } from "./compare.js";
import { cast } from "./cast.js";
import { unary } from "./unaryOp.js";

/** −x. @shape [...] → [...] @source ONNX Neg */
export const neg = unary("neg", "Neg", (g) => neg(g), "number", { lanes: "neg" });

/** |x|; the gradient at 0 is 0. @shape [...] → [...] @source ONNX Abs */
export const abs = unary("abs", "Abs", (g, x) => mul(g, sign(x)), "number", { lanes: "abs" });

/** −1, 0 or 1. @shape [...] → [...] @source ONNX Sign */
export const sign = unary("sign", "Sign", "none", "number");

/** eˣ. @shape [...] → [...] @source ONNX Exp */
export const exp = unary("exp", "Exp", (g, _x, y) => mul(g, y));

/** The natural logarithm. @shape [...] → [...] @source ONNX Log */
export const log = unary("log", "Log", (g, x) => div(g, x));

/** √x. @shape [...] → [...] @source ONNX Sqrt */
export const sqrt = unary("sqrt", "Sqrt", (g, _x, y) => div(mul(g, 0.5), y), "float", { lanes: "sqrt" });

/** 1 / x. @shape [...] → [...] @source ONNX Reciprocal */
export const reciprocal = unary("reciprocal", "Reciprocal", (g, _x, y) => neg(mul(g, mul(y, y))));

/** The hyperbolic tangent. @shape [...] → [...] @source ONNX Tanh */
export const tanh = unary("tanh", "Tanh", (g, _x, y) => mul(g, sub(1, mul(y, y))));

/** 1 / (1 + e⁻ˣ). @shape [...] → [...] @source ONNX Sigmoid */
export const sigmoid = unary("sigmoid", "Sigmoid", (g, _x, y) => mul(g, mul(y, sub(1, y))));

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. @shape [...] → [...] @source ONNX Erf */
export const erf = unary("erf", "Erf", (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))));

/** sin x, x in radians. @shape [...] → [...] @source ONNX Sin */
export const sin = unary("sin", "Sin", (g, x) => mul(g, cos(x)));

/** cos x, x in radians. @shape [...] → [...] @source ONNX Cos */
export const cos = unary("cos", "Cos", (g, x) => neg(mul(g, sin(x))));

/** The largest whole number not above x. @shape [...] → [...] @source ONNX Floor */
export const floor = unary("floor", "Floor", "none");

/** The smallest whole number not below x. @shape [...] → [...] @source ONNX Ceil */
export const ceil = unary("ceil", "Ceil", "none");

/** The nearest whole number, halves to even. @shape [...] → [...] @source ONNX Round */
export const round = unary("round", "Round", "none");

/** max(x, 0); the gradient at 0 is 0. @shape [...] → [...] @source ONNX Relu */
export const relu = unary("relu", "Relu", (g, _x, y) => mul(g, cast(greater(y, 0), g.dtype)));

/**
 * ln(1 + eˣ), without overflow.
 *
 * @shape [...] → [...]
 * @source ONNX Softplus, written as max(x, 0) + ln(1 + e^−|x|) because that kernel is 5 times slower
 */
export const softplus: OpOf<(x: TensorLike) => Tensor> = defineOp({
  name: "softplus",
  elementwise: true,
  call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
  infer: ([x]) => x,
  grad: ({ inputs: [x] }, [g]) => [mul(g!, sigmoid(x))],
  lower: (b, [x], { inputs }) => {
    const tail = b.node("Exp", [b.node("Neg", [b.node("Abs", [x])])]);
    const log1p = b.node("Log", [b.node("Add", [tail, b.scalar(1, inputs[0].dtype)])]);
    return b.node("Add", [b.node("Relu", [x]), log1p]);
  },
});

/** x². @shape [...] → [...] */
export function square(x: TensorLike): Tensor {
  const value = toTensor(x);
  return mul(value, value);
}

/** 1 / √x. @shape [...] → [...] */
export function rsqrt(x: TensorLike): Tensor {
  return reciprocal(sqrt(x));
}

/** x where its gradient shall not flow: the identity with gradient 0. @shape [...] → [...] */
export const stopGradient = defineOp({
  name: "stopGradient",
  elementwise: true,
  call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
  infer: ([x]) => x,
  grad: "none",
  lower: (_b, [x]) => x,
});

/** x as a tensor of its own, so that a function's arguments can be told apart. @shape [...] → [...] */
export const identity = defineOp({
  name: "identity",
  elementwise: true,
  call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
  infer: ([x]) => x,
  grad: (_context, [g]) => [g],
  lower: (_b, [x]) => x,
});
