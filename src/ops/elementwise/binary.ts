import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensors, type TensorLike } from "../../graph/literal.js";
import { currentScope } from "../../graph/node.js";
import { NacreError } from "../../error.js";
import { broadcastShapes } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sumTo } from "../reduce/sumTo.js";
import { cast } from "./cast.js";
import { greater, greaterEqual, less, lessEqual } from "./compare.js";
import { neg, log, reciprocal } from "./unary.js";
import { where } from "./where.js";

type Pair = readonly [Tensor, Tensor];
type Sides = readonly [x: () => Tensor, y: () => Tensor];

/** Refuses operands of different dtypes, which ONNX would refuse later and less clearly. */
export function sameDType(name: string, x: Tensor, y: Tensor): void {
  if (x.dtype === y.dtype) return;
  const scope = currentScope();
  throw new NacreError({
    code: "DTYPE_MISMATCH",
    where: scope === "" ? name : `${name} in ${scope}`,
    expected: "operands of one dtype",
    received: `${x.dtype} and ${y.dtype}`,
    fix: `cast one of them: x.cast("${x.dtype}")`,
  });
}

/** A broadcasting op; `grad` gives each side's cotangent before it is summed to that side's shape. */
function binary(
  name: string,
  type: string,
  grad: (g: Tensor, inputs: Pair, z: Tensor) => Sides,
): OpOf<(x: TensorLike, y: TensorLike) => Tensor> {
  return defineOp({
    name,
    elementwise: true,
    call: (apply: Apply) => (x: TensorLike, y: TensorLike) => apply(toTensors(x, y))[0],
    infer: ([x, y]) => {
      sameDType(name, x, y);
      return { shape: broadcastShapes(x.shape, y.shape, name), dtype: x.dtype };
    },
    grad: ({ inputs: [x, y], outputs: [z], needed }, [g]) => {
      const [dx, dy] = grad(g!, [x, y], z);
      return [needed[0] ? sumTo(dx(), x.shape) : null, needed[1] ? sumTo(dy(), y.shape) : null];
    },
    lower: (b, [x, y]) => b.node(type, [x, y]),
  });
}

/** x + y, broadcast. @shape [...], [...] → [...] @source ONNX Add */
export const add = binary("add", "Add", (g) => [() => g, () => g]);

/** x − y, broadcast. @shape [...], [...] → [...] @source ONNX Sub */
export const sub = binary("sub", "Sub", (g) => [() => g, () => neg(g)]);

/** x · y, broadcast. @shape [...], [...] → [...] @source ONNX Mul */
export const mul = binary("mul", "Mul", (g, [x, y]) => [() => mul(g, y), () => mul(g, x)]);

/** x / y, broadcast; whole numbers divide towards zero. @shape [...], [...] → [...] @source ONNX Div */
export const div = binary("div", "Div", (g, [, y], z) => [
  () => mul(g, reciprocal(y)),
  () => neg(mul(g, div(z, y))),
]);

/**
 * xʸ, broadcast. The gradient with respect to y is 0 where x ≤ 0.
 *
 * @shape [...], [...] → [...]
 * @source ONNX Pow
 */
export const pow = binary("pow", "Pow", (g, [x, y], z) => [
  () => mul(g, mul(y, pow(x, sub(y, 1)))),
  () => {
    const positive = greater(x, 0);
    // The inner `where` keeps log from making a NaN that the outer one could not remove.
    return mul(g, where(positive, mul(z, log(where(positive, x, 1))), 0));
  },
]);

/** The larger of x and y, broadcast; a tie's gradient goes to x. @shape [...], [...] → [...] @source ONNX Max */
export const maximum = binary("maximum", "Max", (g, [x, y]) => [
  () => mul(g, cast(greaterEqual(x, y), g.dtype)),
  () => mul(g, cast(less(x, y), g.dtype)),
]);

/** The smaller of x and y, broadcast; a tie's gradient goes to x. @shape [...], [...] → [...] @source ONNX Min */
export const minimum = binary("minimum", "Min", (g, [x, y]) => [
  () => mul(g, cast(lessEqual(x, y), g.dtype)),
  () => mul(g, cast(greater(x, y), g.dtype)),
]);

/** x limited to [low, high]. @shape [...] → [...] */
export function clip(x: TensorLike, low: number, high: number): Tensor {
  return minimum(maximum(x, low), high);
}
