import { mul, sub, div } from "./binary.js";
import { binary } from "./binaryOp.js";
import { neg, round } from "./unary.js";
import { unary } from "./unaryOp.js";
import { isFloat } from "../../tensor/dtype.js";

/**
 * x without its fraction. @shape [...] → [...] @source ONNX Floor and Ceil
 * @example
 * console.log(await ops.trunc([1.7, -1.7]).toArray()); // [1, -1]
 */
export const trunc = unary(
  "trunc",
  (b, x, dtype) =>
    b.node("Where", [b.node("Less", [x, b.scalar(0, dtype)]), b.node("Ceil", [x]), b.node("Floor", [x])]),
  "none",
);

/**
 * What x / y leaves over, with the sign of x, as JavaScript's `%`: x − y · trunc(x / y), broadcast.
 *
 * @shape [...], [...] → [...]
 * @source ONNX Mod with fmod = 1
 * @example
 * console.log(await ops.remainder([5, -5], 3).toArray()); // [2, -2]
 */
export const remainder = binary(
  "remainder",
  (b, x, y) => b.node("Mod", [x, y], { fmod: 1 }),
  // The quotient is whole but for rounding.
  (g, [x, y], z) => [() => g, () => neg(mul(g, round(div(sub(x, z), y))))],
);

/**
 * What x / y leaves over, with the sign of y, as in mathematics: x − y · ⌊x / y⌋, broadcast.
 *
 * @shape [...], [...] → [...]
 * @source ONNX Mod
 * @example
 * console.log(await ops.mod([5, -5], 3).toArray()); // [2, 1]
 */
export const mod = binary(
  "mod",
  (b, x, y, dtype) => {
    if (!isFloat(dtype)) return b.node("Mod", [x, y]);
    const rest = b.node("Mod", [x, y], { fmod: 1 });
    const opposite = b.node("Less", [b.node("Mul", [b.node("Sign", [rest]), y]), b.scalar(0, dtype)]);
    return b.node("Where", [opposite, b.node("Add", [rest, y]), rest]);
  },
  (g, [x, y], z) => [() => g, () => neg(mul(g, round(div(sub(x, z), y))))],
);
