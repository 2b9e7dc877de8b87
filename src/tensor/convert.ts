import { NacreError } from "../error.js";
import { type DType, type TypedArray, allocate, arrayOf, dtypeOfArray, holds, isTypedArray } from "./dtype.js";
import { Tensor } from "./tensor.js";

/** Numbers, or arrays of them to any depth. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** A tensor of host data with the nested array's own shape. */
export function dataTensor(
  value: TypedArray | number | boolean | readonly NestedNumbers[] | readonly TypedArray[],
  dtype?: DType,
  shape?: readonly number[],
): Tensor {
  if (isTypedArray(value)) {
    return fromFlat(value, shape ?? [value.length], dtype);
  }
  const found: number[] = [];
  const flat: (number | bigint | boolean)[] = [];
  const first = flatten(value, 0, found, flat);
  const type = dtype ?? (first !== undefined ? defaultDType(first) : typeof flat[0] === "boolean" ? "bool" : "float32");
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

/** Appends the elements in row-major order; gives the first typed array among the rows. */
function flatten(
  value: NestedNumbers | TypedArray | readonly TypedArray[],
  depth: number,
  shape: number[],
  out: (number | bigint | boolean)[],
): TypedArray | undefined {
  if (typeof value === "number" || typeof value === "boolean") {
    if (depth !== shape.length) throw ragged(depth);
    out.push(value);
    return undefined;
  }
  if (!Array.isArray(value) && !isTypedArray(value)) {
    const row = Math.floor(out.length / shape.slice(1).reduce((a, b) => a * b, 1)) || 0;
    throw noNumber(value, depth === 0 ? "" : ` in row ${row} (from 0)`);
  }
  // The first element at each depth fixes the length there.
  if (out.length === 0 && depth === shape.length) shape.push(value.length);
  else if (shape[depth] !== value.length) throw ragged(depth);
  if (isTypedArray(value)) {
    if (depth !== shape.length - 1) throw ragged(depth + 1);
    for (const item of value) out.push(item);
    return value;
  }
  let first: TypedArray | undefined;
  for (const item of value as readonly NestedNumbers[]) {
    const typed = flatten(item, depth + 1, shape, out);
    first ??= typed;
  }
  return first;
}

function noNumber(value: unknown, place: string): NacreError {
  const kind = typeof value === "string" ? `the text "${value.slice(0, 40)}"` : value === null ? "null" : typeof value;
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "tensor",
    expected: "numbers, booleans, typed arrays or nested arrays of them",
    received: `${kind}${place}`,
    fix: typeof value === "string" ? "Number(text) for numerals; nacre/text turns words into numbers" : "fill gaps, or leave such rows out",
  });
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
  /** Default: float32 for numbers, bool for booleans, a typed array's own type, or that of the first of a list. */
  readonly dtype?: DType;
  /** Default: the nested array's own shape, or one axis for a typed array. */
  readonly shape?: readonly number[];
}

/**
 * A tensor of data: a number, nested arrays of numbers or booleans, a typed array with a shape, or a list of typed arrays.
 * It has a copy: the array may change after.
 *
 * @throws SHAPE_MISMATCH when nested arrays are ragged, or a shape does not fit the data
 * @throws DTYPE_MISMATCH when the dtype cannot hold a value, such as 0.5 as int32
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * const y = tensor(new Float32Array(6), { shape: [2, 3] });
 */
export function tensor(data: TypedArray | number | boolean | readonly NestedNumbers[] | readonly TypedArray[], options: TensorOptions = {}): Tensor {
  // Expressions read it only when they run.
  return dataTensor(isTypedArray(data) ? data.slice() : data, options.dtype, options.shape);
}
