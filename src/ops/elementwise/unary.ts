import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { div, mul, sub } from "./binary.js";
import { greater } from "./compare.js";
import { cast } from "./cast.js";
import { unary } from "./unaryOp.js";

/**
 * −x. @shape [...] → [...] @source ONNX Neg
 * @example
 * console.log(await ops.neg([1, -2]).toArray()); // [-1, 2]
 */
export const neg = unary("neg", "Neg", (g) => neg(g), "number", { lanes: "neg" });

/**
 * |x|; the gradient at 0 is 0. @shape [...] → [...] @source ONNX Abs
 * @example
 * console.log(await ops.abs([1, -2]).toArray()); // [1, 2]
 */
export const abs = unary("abs", "Abs", (g, x) => mul(g, sign(x)), "number", { lanes: "abs" });

/**
 * −1, 0 or 1. @shape [...] → [...] @source ONNX Sign
 * @example
 * console.log(await ops.sign([3, 0, -2]).toArray()); // [1, 0, -1]
 */
export const sign = unary("sign", "Sign", "none", "number");

/**
 * eˣ. @shape [...] → [...] @source ONNX Exp
 * @example
 * console.log(await ops.exp([0, 1]).toArray()); // [1, 2.7183]
 */
export const exp = unary("exp", "Exp", (g, _x, y) => mul(g, y));

/**
 * The natural logarithm. @shape [...] → [...] @source ONNX Log
 * @example
 * console.log(await ops.log([1, 2]).toArray()); // [0, 0.6931]
 */
export const log = unary("log", "Log", (g, x) => div(g, x));

/**
 * √x. @shape [...] → [...] @source ONNX Sqrt
 * @example
 * console.log(await ops.sqrt([4, 2]).toArray()); // [2, 1.4142]
 */
export const sqrt = unary("sqrt", "Sqrt", (g, _x, y) => div(mul(g, 0.5), y), "float", { lanes: "sqrt" });

/**
 * 1 / x. @shape [...] → [...] @source ONNX Reciprocal
 * @example
 * console.log(await ops.reciprocal([2, 4]).toArray()); // [0.5, 0.25]
 */
export const reciprocal = unary("reciprocal", "Reciprocal", (g, _x, y) => neg(mul(g, mul(y, y))));

/**
 * The hyperbolic tangent. @shape [...] → [...] @source ONNX Tanh
 * @example
 * console.log(await ops.tanh([0, 1]).toArray()); // [0, 0.7616]
 */
export const tanh = unary("tanh", "Tanh", (g, _x, y) => mul(g, sub(1, mul(y, y))));

/**
 * 1 / (1 + e⁻ˣ). @shape [...] → [...] @source ONNX Sigmoid
 * @example
 * console.log(await ops.sigmoid([0, 1]).toArray()); // [0.5, 0.7311]
 */
export const sigmoid = unary("sigmoid", "Sigmoid", (g, _x, y) => mul(g, mul(y, sub(1, y))));

/**
 * The error function 2/√π ∫₀ˣ e^(−t²) dt. @shape [...] → [...] @source ONNX Erf
 * @example
 * console.log(await ops.erf([0, 1]).toArray()); // [0, 0.8427]
 */
export const erf = unary("erf", "Erf", (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))));

/**
 * sin x, x in radians. @shape [...] → [...] @source ONNX Sin
 * @example
 * console.log(await ops.sin([0, 1]).toArray()); // [0, 0.8415]
 */
export const sin = unary("sin", "Sin", (g, x) => mul(g, cos(x)));

/**
 * cos x, x in radians. @shape [...] → [...] @source ONNX Cos
 * @example
 * console.log(await ops.cos([0, 1]).toArray()); // [1, 0.5403]
 */
export const cos = unary("cos", "Cos", (g, x) => neg(mul(g, sin(x))));

/**
 * The largest whole number not above x. @shape [...] → [...] @source ONNX Floor
 * @example
 * console.log(await ops.floor([1.7, -1.2]).toArray()); // [1, -2]
 */
export const floor = unary("floor", "Floor", "none");

/**
 * The smallest whole number not below x. @shape [...] → [...] @source ONNX Ceil
 * @example
 * console.log(await ops.ceil([1.2, -1.7]).toArray()); // [2, -1]
 */
export const ceil = unary("ceil", "Ceil", "none");

/**
 * The nearest whole number, halves to even. @shape [...] → [...] @source ONNX Round
 * @example
 * console.log(await ops.round([0.5, 1.5, 2.4]).toArray()); // [0, 2, 2]
 */
export const round = unary("round", "Round", "none");

/**
 * max(x, 0); the gradient at 0 is 0. @shape [...] → [...] @source ONNX Relu
 * @example
 * console.log(await ops.relu([-1, 2]).toArray()); // [0, 2]
 */
export const relu = unary("relu", "Relu", (g, _x, y) => mul(g, cast(greater(y, 0), g.dtype)));

/**
 * ln(1 + eˣ), without overflow.
 *
 * @shape [...] → [...]
 * @source ONNX Softplus, written as max(x, 0) + ln(1 + e^−|x|) because that kernel is 5 times slower
 * @example
 * console.log(await ops.softplus([0, 1]).toArray()); // [0.6931, 1.3133]
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

/**
 * x². @shape [...] → [...]
 * @example
 * console.log(await ops.square([2, -3]).toArray()); // [4, 9]
 */
export function square(x: TensorLike): Tensor {
  const value = toTensor(x);
  return mul(value, value);
}

/**
 * 1 / √x. @shape [...] → [...]
 * @example
 * console.log(await ops.rsqrt([4, 16]).toArray()); // [0.5, 0.25]
 */
export function rsqrt(x: TensorLike): Tensor {
  return reciprocal(sqrt(x));
}

/**
 * x where its gradient shall not flow: the identity with gradient 0. @shape [...] → [...]
 * @example
 * console.log(await grad((x: Tensor) => x.mul(ops.stopGradient(x)).sum())(tensor([2, 3])).toArray()); // [2, 3]
 */
export const stopGradient = defineOp({
  name: "stopGradient",
  elementwise: true,
  call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
  infer: ([x]) => x,
  grad: "none",
  lower: (_b, [x]) => x,
});

/**
 * x as a tensor of its own, so that a function's arguments can be told apart. @shape [...] → [...]
 * @example
 * console.log(await ops.identity([1, 2]).toArray()); // [1, 2]
 */
export const identity = defineOp({
  name: "identity",
  elementwise: true,
  call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
  infer: ([x]) => x,
  grad: (_context, [g]) => [g],
  lower: (_b, [x]) => x,
});
