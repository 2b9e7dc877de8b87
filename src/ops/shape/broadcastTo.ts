import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Tensor } from "../../tensor/tensor.js";
import { shapeError } from "../../graph/node.js";
import { type Shape, broadcastShapes, formatShape, sameShape } from "../../tensor/shape.js";
import { sumTo } from "../reduce/sumTo.js";

/**
 * x stretched to `shape`: axes of size 1 repeat, missing leading axes are added.
 *
 * @shape [...] → shape
 * @source ONNX Expand
 * @example
 * console.log(await ops.broadcastTo([1, 2], [2, 2]).toArray()); // [[1, 2], [1, 2]]
 */
export const broadcastTo: OpOf<(x: TensorLike, shape: Shape) => Tensor> = defineOp({
  name: "broadcastTo",
  call: (apply: Apply<{ shape: Shape }>) => (x, shape) => {
    const value = toTensor(x);
    return sameShape(value.shape, shape) ? value : apply([value], { shape })[0];
  },
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x.shape, shape, "broadcastTo"), shape)) {
      throw shapeError("broadcastTo", `a shape that stretches to ${formatShape(shape)}`, [x.shape]);
    }
    return { shape, dtype: x.dtype };
  },
  grad: ({ inputs: [x] }, [g]) => [sumTo(g!, x.shape)],
  lower: (b, [x], { attrs: { shape } }) => b.node("Expand", [x, b.shape(shape)]),
});
