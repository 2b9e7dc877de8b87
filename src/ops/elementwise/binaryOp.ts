import { type Apply, defineOp, type OpOf, type OpTraits } from "../../graph/op.js";
import { toTensors, type TensorLike } from "../../graph/literal.js";
import type { LoweringBuilder, OnnxValue } from "../../graph/lowering.js";
import { currentScope } from "../../graph/node.js";
import { NacreError } from "../../error.js";
import type { DType } from "../../tensor/dtype.js";
import { broadcastShapes } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sumTo } from "../reduce/sumTo.js";

type Pair = readonly [Tensor, Tensor];
type Sides = readonly [x: () => Tensor, y: () => Tensor];

/** ONNX's name of an op, or how to write it in several. */
type BinaryLowering = string | ((b: LoweringBuilder, x: OnnxValue, y: OnnxValue, dtype: DType) => OnnxValue);

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

/** Makes a broadcasting op; `grad` gives each side's cotangent before it is summed to that side's shape. */
export function binary(
  name: string,
  lowering: BinaryLowering,
  grad: (g: Tensor, inputs: Pair, z: Tensor) => Sides,
  traits: Pick<OpTraits, "lanes"> = {},
): OpOf<(x: TensorLike, y: TensorLike) => Tensor> {
  return defineOp({
    name,
    elementwise: true,
    ...traits,
    call: (apply: Apply) => (x: TensorLike, y: TensorLike) => apply(toTensors(x, y))[0],
    infer: ([x, y]) => {
      sameDType(name, x, y);
      return { shape: broadcastShapes(x.shape, y.shape, name), dtype: x.dtype };
    },
    grad: ({ inputs: [x, y], outputs: [z], needed }, [g]) => {
      const [dx, dy] = grad(g!, [x, y], z);
      return [needed[0] ? sumTo(dx(), x.shape) : null, needed[1] ? sumTo(dy(), y.shape) : null];
    },
    lower: (b, [x, y], { inputs }) =>
      typeof lowering === "string" ? b.node(lowering, [x, y]) : lowering(b, x, y, inputs[0].dtype),
  });
}
