import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mul, sub } from "../elementwise/binary.js";
import { exp } from "../elementwise/unary.js";
import { sum } from "../reduce/reduce.js";

function alongAxis(
  name: string,
  type: string,
  grad: (g: Tensor, y: Tensor, axis: number) => Tensor,
): OpOf<(x: TensorLike, axis?: number) => Tensor> {
  return defineOp({
    name,
    call: (apply: Apply<{ axis: number }>) => (x: TensorLike, axis = -1) => {
      const value = toTensor(x);
      return apply([value], { axis: normalizeAxis(axis, value.rank, name) })[0];
    },
    infer: ([x]) => x,
    grad: ({ outputs: [y], attrs: { axis } }, [g]) => [grad(g!, y, axis)],
    lower: (b, [x], { attrs: { axis } }) => b.node(type, [x], { axis }),
  });
}

/**
 * eˣ / Σ eˣ along an axis. @shape [...,N] → [...,N] @source ONNX Softmax
 * @example
 * console.log(await ops.softmax([[0, 0], [0, 1]]).toArray()); // [[0.5, 0.5], [0.2689, 0.7311]]
 */
export const softmax = alongAxis("softmax", "Softmax", (g, y, axis) => {
  const weighted = mul(g, y);
  return sub(weighted, mul(y, sum(weighted, { axes: axis, keepDims: true })));
});

/**
 * x − ln Σ eˣ along an axis. @shape [...,N] → [...,N] @source ONNX LogSoftmax
 * @example
 * console.log(await ops.logSoftmax([[0, 0], [0, 1]]).toArray()); // [[-0.6931, -0.6931], [-1.3133, -0.3133]]
 */
export const logSoftmax = alongAxis("logSoftmax", "LogSoftmax", (g, y, axis) =>
  sub(g, mul(exp(y), sum(g, { axes: axis, keepDims: true }))),
);
