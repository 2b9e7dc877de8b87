import { type Apply, defineOp, type OpOf, type OpTraits } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { LoweringBuilder, OnnxValue } from "../../graph/lowering.js";
import { shapeError } from "../../graph/node.js";
import { type DType, isFloat } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";

type UnaryGrad = (g: Tensor, x: Tensor, y: Tensor) => Tensor;

/** ONNX's name of an op, or how to write it in several. */
type UnaryLowering = string | ((b: LoweringBuilder, x: OnnxValue, dtype: DType) => OnnxValue);

/** Makes an elementwise op of one operand: of floats, unless whole numbers are allowed too. */
export function unary(
  name: string,
  lowering: UnaryLowering,
  grad: UnaryGrad | "none",
  domain: "float" | "number" = "float",
  traits: Pick<OpTraits, "lanes"> = {},
): OpOf<(x: TensorLike) => Tensor> {
  return defineOp({
    name,
    elementwise: true,
    ...traits,
    call: (apply: Apply) => (x: TensorLike) => apply([toTensor(x)])[0],
    infer: ([x]) => {
      if (domain === "float" && !isFloat(x.dtype)) {
        throw shapeError(name, "a float tensor", [x.shape], `cast it first: its dtype is ${x.dtype}`);
      }
      return x;
    },
    grad: grad === "none" ? "none" : ({ inputs: [x], outputs: [y] }, [g]) => [grad(g!, x, y)],
    lower: (b, [x], { inputs }) => (typeof lowering === "string" ? b.node(lowering, [x]) : lowering(b, x, inputs[0].dtype)),
  });
}
