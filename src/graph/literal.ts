import { NacreError } from "../error.js";
import { type NestedNumbers, tensor } from "../tensor/convert.js";
import { type DType, type TypedArray, holds } from "../tensor/dtype.js";
import { Tensor } from "../tensor/tensor.js";

/** Anything that stands for a tensor in a call: plain numbers and nested arrays too. */
export type TensorLike = Tensor | number | boolean | TypedArray | readonly NestedNumbers[];

/** The op that holds a literal; installed by the ops room so that literals can be nodes. */
let makeLiteral: ((value: number, dtype: DType) => Tensor) | undefined;

export function setLiteral(make: (value: number, dtype: DType) => Tensor): void {
  makeLiteral = make;
}

/**
 * A tensor for any {@link TensorLike}. A plain number becomes a literal of `dtype`;
 * arrays become data, float32 unless `dtype` says otherwise.
 */
export function toTensor(value: TensorLike, dtype?: DType): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === "number" || typeof value === "boolean") {
    const type = dtype ?? (typeof value === "boolean" ? "bool" : "float32");
    if (!holds(type, value)) {
      throw new NacreError({
        code: "DTYPE_MISMATCH",
        where: "literal",
        expected: `a number that ${type} can hold, beside a tensor of it`,
        received: String(value),
        fix: 'cast the tensor first: x.cast("float32")',
      });
    }
    return makeLiteral!(Number(value), type);
  }
  return tensor(value, dtype === undefined ? {} : { dtype });
}

/** The tensors of two operands, literals taking the other side's dtype. */
export function toTensors(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const left = a instanceof Tensor ? a : undefined;
  const right = b instanceof Tensor ? b : undefined;
  return [toTensor(a, right?.dtype), toTensor(b, left?.dtype)];
}
