import type { LoweringBuilder, OnnxValue } from "../../graph/lowering.js";
import type { DType } from "../../tensor/dtype.js";
import { add, div, mul, sub } from "./binary.js";
import { binary } from "./binaryOp.js";
import { exp, sigmoid, square } from "./unary.js";
import { unary } from "./unaryOp.js";

// Functions whose plain formula loses its digits to rounding somewhere.

/**
 * eˣ − 1, with all digits near 0 too.
 *
 * @shape [...] → [...]
 * @source ONNX Tanh and Exp: eˣ − 1 = tanh(x/2) · (eˣ + 1), in which nothing cancels
 * @example
 * console.log(await ops.expm1([0, 1]).toArray()); // [0, 1.7183]
 */
export const expm1 = unary(
  "expm1",
  (b, x, dtype) => {
    const half = b.node("Tanh", [b.node("Mul", [x, b.scalar(0.5, dtype)])]);
    return b.node("Mul", [half, b.node("Add", [b.node("Exp", [x]), b.scalar(1, dtype)])]);
  },
  (g, _x, y) => mul(g, add(y, 1)),
);

/**
 * ln(1 + x), with all digits near 0 too. @shape [...] → [...] @source ONNX Log
 * @example
 * console.log(await ops.log1p([0, 1]).toArray()); // [0, 0.6931]
 */
export const log1p = unary("log1p", lowerLog1p, (g, x) => div(g, add(x, 1)));

/**
 * With u = 1 + x as rounded, ln(u) · x / (u − 1): the errors of ln(u) and of u − 1 cancel. Away
 * from 0 there is nothing to repair, and x may be infinite.
 */
function lowerLog1p(b: LoweringBuilder, x: OnnxValue, dtype: DType): OnnxValue {
  const [one, zero] = [b.scalar(1, dtype), b.scalar(0, dtype)];
  const u = b.node("Add", [x, one]);
  const plain = b.node("Log", [u]);
  const step = b.node("Sub", [u, one]);
  const lost = b.node("Equal", [step, zero]);
  const ratio = b.node("Div", [x, b.node("Where", [lost, one, step])]);
  const repaired = b.node("Where", [lost, x, b.node("Mul", [plain, ratio])]);
  const near = b.node("Less", [b.node("Abs", [x]), b.scalar(0.5, dtype)]);
  return b.node("Where", [near, repaired, plain]);
}

/**
 * ln(eˣ + eʸ) without overflow, broadcast. @shape [...], [...] → [...]
 * @example
 * console.log(await ops.logAddExp([0, 1], [0, 1]).toArray()); // [0.6931, 1.6931]
 */
export const logAddExp = binary(
  "logAddExp",
  (b, x, y, dtype) => {
    // Equal operands have the distance 0, infinite ones too.
    const same = b.node("Equal", [x, y]);
    const distance = b.node("Where", [same, b.scalar(0, dtype), b.node("Abs", [b.node("Sub", [x, y])])]);
    const tail = lowerLog1p(b, b.node("Exp", [b.node("Neg", [distance])]), dtype);
    return b.node("Add", [b.node("Max", [x, y]), tail]);
  },
  (g, [x, y]) => [() => mul(g, sigmoid(sub(x, y))), () => mul(g, sigmoid(sub(y, x)))],
);

/** Coefficients of erf⁻¹(x) / x in w = −ln(1 − x²), highest power first; of w − 2.5, and of √w − 3 from w = 5 on. */
const ERF_INV_CENTER = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3, 0.246640727,
  1.50140941,
];
const ERF_INV_TAIL = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];

/**
 * The x with erf(x) = the operand, from −1 to 1; ±∞ at the ends.
 *
 * @shape [...] → [...]
 * @source M. Giles, "Approximating the erfinv function" (2010), the polynomials for float32
 * @example
 * console.log(await ops.erfInv([0, 0.5]).toArray()); // [0, 0.4769]
 */
export const erfInv = unary(
  "erfInv",
  (b, x, dtype) => {
    const scalar = (value: number): OnnxValue => b.scalar(value, dtype);
    const polynomial = (coefficients: readonly number[], w: OnnxValue): OnnxValue =>
      coefficients.slice(1).reduce((sum, c) => b.node("Add", [b.node("Mul", [sum, w]), scalar(c)]), scalar(coefficients[0]!));
    const one = scalar(1);
    const ends = b.node("Equal", [b.node("Abs", [x]), one]);
    const product = b.node("Mul", [b.node("Sub", [one, x]), b.node("Add", [one, x])]);
    const w = b.node("Neg", [b.node("Log", [b.node("Where", [ends, one, product])])]);
    const center = polynomial(ERF_INV_CENTER, b.node("Sub", [w, scalar(2.5)]));
    const tail = polynomial(ERF_INV_TAIL, b.node("Sub", [b.node("Sqrt", [w]), scalar(3)]));
    const ratio = b.node("Where", [b.node("Less", [w, scalar(5)]), center, tail]);
    return b.node("Mul", [x, b.node("Where", [ends, scalar(Infinity), ratio])]);
  },
  (g, _x, y) => mul(g, mul(exp(square(y)), Math.sqrt(Math.PI) / 2)),
);
