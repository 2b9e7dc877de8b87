import { arrayOf, type DType, type TypedArray } from "../../tensor/dtype.js";
import { sizeOf } from "../../tensor/shape.js";
import { type Apply, defineOp } from "../../graph/op.js";
import { setLiteral } from "../../graph/literal.js";

type ConstantAttrs = { readonly data: TypedArray; readonly shape: readonly number[]; readonly dtype: DType };

/**
 * A tensor whose value is part of the graph, repeated to `shape` when `data` has one element.
 *
 * @shape → shape
 * @source ONNX initializer
 * @example
 * console.log(await ops.constant(Float32Array.of(1, 2), [2, 1], "float32").toArray()); // [[1], [2]]
 */
export const constant = defineOp({
  name: "constant",
  call: (apply: Apply<ConstantAttrs>) => (data: TypedArray, shape: readonly number[], dtype: DType) =>
    apply([], { data, shape, dtype })[0],
  infer: (_inputs, { shape, dtype }) => ({ shape, dtype }),
  grad: "none",
  lower: (b, _inputs, { attrs: { data, shape, dtype } }) => {
    if (data.length === sizeOf(shape)) return b.constant(data, shape, dtype);
    return b.node("Expand", [b.constant(data, [], dtype), b.int64s(shape)]);
  },
});

setLiteral((value, dtype) => constant(arrayOf(dtype, [value]), [], dtype));
