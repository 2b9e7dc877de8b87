import type { OnnxValue } from "../../graph/lowering.js";
import { add, div, mul, sub } from "./binary.js";
import { binary } from "./binaryOp.js";
import { neg, reciprocal, rsqrt, sqrt, square } from "./unary.js";
import { unary } from "./unaryOp.js";

/**
 * tan x, x in radians. @shape [...] → [...] @source ONNX Tan
 * @example
 * console.log(await ops.tan([0, 1]).toArray()); // [0, 1.5574]
 */
export const tan = unary("tan", "Tan", (g, _x, y) => mul(g, add(square(y), 1)));

/**
 * The angle in [−π/2, π/2] whose sine is x. @shape [...] → [...] @source ONNX Asin
 * @example
 * console.log(await ops.asin([0, 1]).toArray()); // [0, 1.5708]
 */
export const asin = unary("asin", "Asin", (g, x) => mul(g, rsqrt(sub(1, square(x)))));

/**
 * The angle in [0, π] whose cosine is x. @shape [...] → [...] @source ONNX Acos
 * @example
 * console.log(await ops.acos([0, 1]).toArray()); // [1.5708, 0]
 */
export const acos = unary("acos", "Acos", (g, x) => neg(mul(g, rsqrt(sub(1, square(x))))));

/**
 * The angle in (−π/2, π/2) whose tangent is x. @shape [...] → [...] @source ONNX Atan
 * @example
 * console.log(await ops.atan([0, 1]).toArray()); // [0, 0.7854]
 */
export const atan = unary("atan", "Atan", (g, x) => mul(g, reciprocal(add(square(x), 1))));

/**
 * (eˣ − e⁻ˣ) / 2. @shape [...] → [...] @source ONNX Sinh
 * @example
 * console.log(await ops.sinh([0, 1]).toArray()); // [0, 1.1752]
 */
export const sinh = unary("sinh", "Sinh", (g, x) => mul(g, cosh(x)));

/**
 * (eˣ + e⁻ˣ) / 2. @shape [...] → [...] @source ONNX Cosh
 * @example
 * console.log(await ops.cosh([0, 1]).toArray()); // [1, 1.5431]
 */
export const cosh = unary("cosh", "Cosh", (g, x) => mul(g, sinh(x)));

/**
 * The number whose sinh is x. @shape [...] → [...] @source ONNX Asinh
 * @example
 * console.log(await ops.asinh([0, 1]).toArray()); // [0, 0.8814]
 */
export const asinh = unary("asinh", "Asinh", (g, x) => mul(g, rsqrt(add(square(x), 1))));

/**
 * The number of at least 0 whose cosh is x, for x ≥ 1. @shape [...] → [...] @source ONNX Acosh
 * @example
 * console.log(await ops.acosh([1, 2]).toArray()); // [0, 1.317]
 */
export const acosh = unary("acosh", "Acosh", (g, x) => div(g, mul(sqrt(sub(x, 1)), sqrt(add(x, 1)))));

/**
 * The number whose tanh is x, for −1 < x < 1. @shape [...] → [...] @source ONNX Atanh
 * @example
 * console.log(await ops.atanh([0, 0.5]).toArray()); // [0, 0.5493]
 */
export const atanh = unary("atanh", "Atanh", (g, x) => mul(g, reciprocal(sub(1, square(x)))));

/**
 * The angle in (−π, π] of the point whose height is the first operand and whose breadth is the
 * second, broadcast; 0 at the origin, where the gradient is undefined. The sign of a height of 0
 * does not count.
 *
 * @shape [...], [...] → [...]
 * @source ONNX Atan, with the quadrant put right
 * @example
 * console.log(await ops.atan2([1, 1], [1, -1]).toArray()); // [0.7854, 2.3562]
 */
export const atan2 = binary(
  "atan2",
  (b, y, x, dtype) => {
    const scalar = (value: number): OnnxValue => b.scalar(value, dtype);
    const zero = scalar(0);
    // Where both are 0, y / x would be NaN.
    const origin = b.node("And", [b.node("Equal", [x, zero]), b.node("Equal", [y, zero])]);
    const angle = b.node("Atan", [b.node("Div", [y, b.node("Where", [origin, scalar(1), x])])]);
    const turn = b.node("Where", [b.node("Less", [y, zero]), scalar(-Math.PI), scalar(Math.PI)]);
    return b.node("Add", [angle, b.node("Where", [b.node("Less", [x, zero]), turn, zero])]);
  },
  (g, [y, x]) => {
    const share = div(g, add(square(x), square(y)));
    return [() => mul(share, x), () => neg(mul(share, y))];
  },
);
