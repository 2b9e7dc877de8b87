import { constant } from "../../../ops/elementwise/literal.js";
import { cast } from "../../../ops/elementwise/cast.js";
import { dataTensor, type NestedNumbers } from "../../../tensor/convert.js";
import { commonDType, type DType, isFloat, type TypedArray } from "../../../tensor/dtype.js";
import { Tensor } from "../../../tensor/tensor.js";

/** What a call of an operation holds in the place of data: nested arrays that the file has. */
export interface ArrayOperand {
  readonly array: readonly NestedNumbers[];
  readonly dtype: DType;
}

/** A value that is a tensor, or becomes one beside another. */
export type Operand = Tensor | number | boolean;

/** Two operands of one dtype, as Keras promotes them: a number with a fraction makes whole ones float32. */
export function promoted(a: unknown, b: unknown): [Operand, Operand] {
  const [left, right] = [operand(a), operand(b)];
  if (left instanceof Tensor && right instanceof Tensor) return alike([left, right]) as [Tensor, Tensor];
  return [besideNumber(left, right), besideNumber(right, left)];
}

/** Tensors in the one dtype that holds the values of all. */
export function alike(tensors: readonly Tensor[]): Tensor[] {
  const common = commonDType(tensors.map(({ dtype }) => dtype));
  return tensors.map((tensor) => cast(tensor, common));
}

/** A tensor, cast where the number beside it does not fit its dtype. */
function besideNumber(value: Operand, other: Operand): Operand {
  if (!(value instanceof Tensor) || other instanceof Tensor || isFloat(value.dtype)) return value;
  if (typeof other === "number" && !Number.isInteger(other)) return cast(value, "float32");
  return value.dtype === "bool" && typeof other === "number" ? cast(value, "int32") : value;
}

/** An argument as a tensor or number. @throws TypeError when it is neither */
export function operand(value: unknown): Operand {
  if (value instanceof Tensor || typeof value === "number" || typeof value === "boolean") return value;
  if (isArrayOperand(value)) {
    const { value: data, shape } = dataTensor(value.array, value.dtype);
    return constant(data as TypedArray, shape as number[], value.dtype);
  }
  if (Array.isArray(value)) return operand({ array: value, dtype: value.flat(9).every(Number.isInteger) ? "int32" : "float32" });
  throw new TypeError("expected a tensor or a number");
}

/** An argument as a tensor. @throws TypeError when it is none */
export function tensorOf(value: unknown): Tensor {
  const found = operand(value);
  if (found instanceof Tensor) return found;
  return constant(Float32Array.of(Number(found)), [], "float32");
}

/** An argument as a tensor of real numbers. */
export function realOf(value: unknown): Tensor {
  const tensor = tensorOf(value);
  return isFloat(tensor.dtype) ? tensor : cast(tensor, "float32");
}

function isArrayOperand(value: unknown): value is ArrayOperand {
  return typeof value === "object" && value !== null && "array" in value;
}
