import { type Apply, defineOp } from "../../graph/op.js";
import { nodeOf } from "../../graph/node.js";
import { cast } from "../../ops/elementwise/cast.js";
import { greater } from "../../ops/elementwise/compare.js";
import { constant } from "../../ops/elementwise/literal.js";
import type { TypedArray } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";

/** Any normal float32 above 0 times this is at least 1. */
const STEEP = 3e38;

/** 1 where x > 0, else 0: one pass in place of a comparison and a cast. @source ONNX HardSigmoid */
export const step = defineOp({
  name: "step",
  elementwise: true,
  call: (apply: Apply) => (x: Tensor) => apply([x])[0],
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  grad: "none",
  lower: (b, [x]) => b.node("HardSigmoid", [x], { alpha: { float: STEEP }, beta: { float: 0 } }),
});

/** The mask in the gradient of ReLU as one elementwise op. */
export const reluMask: Rule = {
  name: "reluMask",
  rewrite: (node) => {
    if (node.op !== cast || node.attrs["to"] !== "float32") return undefined;
    const compared = nodeOf(node.inputs[0]!);
    if (compared?.op !== greater || compared.inputs[0]!.dtype !== "float32") return undefined;
    const limit = nodeOf(compared.inputs[1]!);
    if (limit?.op !== constant || compared.inputs[1]!.rank !== 0) return undefined;
    return (limit.attrs["data"] as TypedArray)[0] === 0 ? [step(compared.inputs[0]!)] : undefined;
  },
};
