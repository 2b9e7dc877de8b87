import { NacreError } from "../error.js";
import { type DType, type TypedArray, allocate, arrayOf, dtypeOfArray, holds, isTypedArray } from "./dtype.js";
import { Tensor } from "./tensor.js";

/** Numbers, or arrays of them to any depth. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** A tensor of host data with the nested array's own shape. */
export function dataTensor(
  value: TypedArray | number | boolean | readonly NestedNumbers[],
  dtype?: DType,
  shape?: readonly number[],
): Tensor {
  if (isTypedArray(value)) {
    return fromFlat(value, shape ?? [value.length], dtype);
  }
  const found: number[] = [];
  const flat: (number | boolean)[] = [];
  flatten(value, 0, found, flat);
  const type = dtype ?? (typeof flat[0] === "boolean" ? "bool" : "float32");
  return fromFlat(exactly(type, flat), shape ?? found, type);
}

/** A host array of values that the dtype can hold. */
function exactly(dtype: DType, values: ArrayLike<number | bigint | boolean>): TypedArray {
  for (let i = 0; i < values.length; i++) {
    if (holds(dtype, values[i]!)) continue;
    throw new NacreError({
      code: "DTYPE_MISMATCH",
      where: "tensor",
      expected: `values that ${dtype} can hold`,
      received: `${values[i]} at element ${i}`,
      fix: "round the values, or choose another dtype",
    });
  }
  return arrayOf(dtype, values);
}

function fromFlat(value: TypedArray, shape: readonly number[], dtype?: DType): Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (size !== value.length || shape.some((dim) => !Number.isInteger(dim) || dim < 0)) {
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where: "tensor",
      expected: `${size} elements for shape [${shape.join(", ")}]`,
      received: `${value.length}`,
      fix: "give a shape whose product is the number of elements",
    });
  }
  const type = dtype ?? defaultDType(value);
  const same = value.constructor === allocate(type, 0).constructor && type !== "bool";
  const data = same ? value : exactly(type, value);
  return new Tensor({ shape, dtype: type, value: data });
}

function flatten(value: NestedNumbers, depth: number, shape: number[], out: (number | boolean)[]): void {
  if (typeof value === "number" || typeof value === "boolean") {
    if (depth !== shape.length) throw ragged(depth);
    out.push(value);
    return;
  }
  if (!Array.isArray(value)) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "tensor",
      expected: "numbers, booleans, typed arrays or nested arrays of them",
      received: value === null ? "null" : typeof value,
    });
  }
  // The first element at each depth fixes the length there.
  if (out.length === 0 && depth === shape.length) shape.push(value.length);
  else if (shape[depth] !== value.length) throw ragged(depth);
  for (const item of value as readonly NestedNumbers[]) flatten(item, depth + 1, shape, out);
}

function ragged(depth: number): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: "tensor",
    expected: "nested arrays of equal length",
    received: `different lengths at depth ${depth}`,
    fix: "pad or cut the rows to one length",
  });
}

/** JavaScript's plain numbers are float64, but models compute in float32. */
function defaultDType(value: TypedArray): DType {
  return value instanceof Float64Array ? "float32" : dtypeOfArray(value);
}

/** How {@link tensor} reads its data. */
export interface TensorOptions {
  /** Default: float32 for numbers, bool for booleans, a typed array's own type. */
  readonly dtype?: DType;
  /** Default: the nested array's own shape, or one axis for a typed array. */
  readonly shape?: readonly number[];
}

/**
 * A tensor of data: a number, nested arrays of numbers or booleans, or a typed array with a shape.
 *
 * @throws SHAPE_MISMATCH when nested arrays are ragged, or a shape does not fit the data
 * @throws DTYPE_MISMATCH when the dtype cannot hold a value, such as 0.5 as int32
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * const y = tensor(new Float32Array(6), { shape: [2, 3] });
 */
export function tensor(data: TypedArray | number | boolean | readonly NestedNumbers[], options: TensorOptions = {}): Tensor {
  return dataTensor(data, options.dtype, options.shape);
}
