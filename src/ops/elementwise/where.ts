import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, toTensors, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { broadcastShapes } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sumTo } from "../reduce/sumTo.js";
import { sameDType } from "./binaryOp.js";

/**
 * x where the condition holds, else y; broadcast.
 *
 * Both sides are computed everywhere, so a side without a gradient where it is not taken needs a
 * safe operand there: √x for x > 0 and else 0 is
 * `where(x.greater(0), where(x.greater(0), x, 1).sqrt(), 0)`. With one `where` only, the gradient
 * at 0 would be 0 · ∞ = NaN.
 *
 * @shape [...] bool, [...], [...] → [...]
 * @source ONNX Where
 * @example
 * console.log(await ops.where([true, false], [1, 2], 0).toArray()); // [1, 0]
 */
export const where: OpOf<(condition: TensorLike, x: TensorLike, y: TensorLike) => Tensor> = defineOp({
  name: "where",
  elementwise: true,
  call: (apply: Apply) => (condition, x, y) =>
    apply([toTensor(condition), ...toTensors(x, y)])[0],
  infer: ([condition, x, y]) => {
    sameDType("where", x, y);
    if (condition.dtype !== "bool") {
      throw shapeError("where", "a bool condition", [condition.shape], "compare first, as in x.greater(0)");
    }
    const shape = broadcastShapes(condition.shape, broadcastShapes(x.shape, y.shape, "where"), "where");
    return { shape, dtype: x.dtype };
  },
  grad: ({ inputs: [condition, x, y], needed }, [g]) => [
    null,
    needed[1] ? sumTo(where(condition, g!, 0), x.shape) : null,
    needed[2] ? sumTo(where(condition, 0, g!), y.shape) : null,
  ],
  lower: (b, [condition, x, y]) => b.node("Where", [condition, x, y]),
});
