import type { LoweringBuilder, OnnxValue } from "../graph/lowering.js";
import { type Apply, defineOp } from "../graph/op.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * x again, but not before `after` is known, and never merged with x: so what is computed from it
 * is computed a second time, when the backward pass has come so far.
 *
 * @source ONNX Reshape to x's own shape plus 0, where the 0 is made of an element of `after` while
 *   running; it copies nothing, and no optimizer can know its outcome
 */
export const barrier = defineOp({
  name: "barrier",
  barrier: true,
  call: (apply: Apply) => (x: Tensor, after: Tensor) => apply([x, after])[0],
  infer: ([x]) => x,
  grad: (_context, [g]) => [g, null],
  lower: (b, [x, after], { inputs: [, { shape }] }) => {
    if (shape.includes(0)) return x;
    return b.node("Reshape", [x, b.node("Add", [b.node("Shape", [x]), runtimeZero(b, after)])], { allowzero: 1 });
  },
});

/** An int64 [1] of 0 that depends on a value. */
function runtimeZero(b: LoweringBuilder, value: OnnxValue): OnnxValue {
  const flat = b.node("Reshape", [value, b.int64s([-1])]);
  const first = b.node("Slice", [flat, b.int64s([0]), b.int64s([1]), b.int64s([0])]);
  // Through bool, because a float that is NaN or too large has no int64.
  const whole = b.cast(b.node("IsNaN", [first]), "int64");
  return b.node("Mul", [whole, b.int64s([0])]);
}
