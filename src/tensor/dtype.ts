import { NacreError } from "../error.js";

/** Element types of tensors. Training programs use the first four; the others pass through. */
export type DType =
  | "float32"
  | "int32"
  | "uint32"
  | "bool"
  | "int64"
  | "float64"
  | "uint8"
  | "int8";

/** The host arrays that hold tensor data; `bool` is a `Uint8Array` of zeros and ones. */
export type TypedArray =
  | Float32Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Int8Array
  | BigInt64Array
  | Float64Array;

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
  int64: BigInt64Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
} as const;

/** All dtype names. */
export const DTYPES = Object.keys(ARRAYS) as readonly DType[];

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

export function bytesPerElement(dtype: DType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** A zeroed host array; its memory never moves, so native code may hold its address. */
export function allocate(dtype: DType, length: number): TypedArray {
  // Through an explicit ArrayBuffer: V8 keeps small `new Float32Array(n)` on its moving heap.
  return new ARRAYS[dtype](new ArrayBuffer(length * bytesPerElement(dtype)));
}

/** A typed view of raw bytes, without a copy. */
export function viewBytes(dtype: DType, buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray {
  return new ARRAYS[dtype](buffer as ArrayBuffer, byteOffset, length);
}

/** What integer dtypes of at most 32 bits can hold, both ends included. */
const RANGES: Partial<Record<DType, readonly [low: number, high: number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** Whether a value can be written as `dtype` with nothing lost but a float's rounding. */
export function holds(dtype: DType, value: number | bigint | boolean): boolean {
  if (isFloat(dtype)) return true;
  if (typeof value === "number" && !Number.isInteger(value)) return false;
  const range = RANGES[dtype];
  if (range === undefined) return BigInt.asIntN(64, BigInt(value)) === BigInt(value);
  return Number(value) >= range[0] && Number(value) <= range[1];
}

/** The least and the largest value of a dtype of whole numbers; infinite where there is no need to mind them. */
export function limitsOf(dtype: DType): readonly [low: number, high: number] {
  return RANGES[dtype] ?? [-Infinity, Infinity];
}

/** Dtypes of whole numbers, each before those that hold more. */
const WHOLE: readonly DType[] = ["uint8", "int8", "int32", "uint32", "int64"];

/** The least dtype that holds the values of all of these; float32 where one of several is a float. */
export function commonDType(dtypes: readonly DType[]): DType {
  const [first = "float32", ...others] = new Set(dtypes);
  if (others.length === 0) return first;
  const fits = (wide: DType): boolean => dtypes.every((dtype) => dtype === wide || (RANGES[dtype]?.every((end) => holds(wide, end)) ?? false));
  return (dtypes.some(isFloat) ? undefined : WHOLE.find(fits)) ?? "float32";
}

/** A host array of `dtype` holding `values`. */
export function arrayOf(dtype: DType, values: ArrayLike<number | bigint | boolean>): TypedArray {
  const array = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (array instanceof BigInt64Array) array[i] = BigInt(value);
    else array[i] = Number(value);
  }
  return array;
}

/** The dtype that a typed array is read as when none is named. */
export function dtypeOfArray(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint32Array) return "uint32";
  if (array instanceof Uint8Array) return "uint8";
  if (array instanceof Int8Array) return "int8";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Float64Array) return "float64";
  throw new NacreError({
    code: "DTYPE_MISMATCH",
    where: "tensor",
    expected: `a typed array of one of ${DTYPES.join(", ")}`,
    received: Object.prototype.toString.call(array),
  });
}

/** Whether `value` is a typed array that tensors can be made of. */
export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
