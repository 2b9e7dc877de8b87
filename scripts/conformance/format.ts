import { dataTensor } from "../../src/tensor/convert.js";
import { type DType, arrayOf } from "../../src/tensor/dtype.js";
import type { Tensor } from "../../src/tensor/tensor.js";

/** An array as the files hold it: flat, row-major, NaN and infinities as strings. */
export interface StoredArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

/** What became of one case. */
export interface Outcome {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** The largest error, as a multiple of the tolerance. */
  readonly error?: number;
  readonly reason?: string;
}

/** A stored array's numbers. */
export function numbersOf(stored: StoredArray): number[] {
  return stored.data.map((value) => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value)));
}

/** A stored array as a tensor; float64 becomes float32. */
export function tensorOf(stored: StoredArray): Tensor {
  const dtype = stored.dtype === "float64" ? "float32" : stored.dtype;
  return dataTensor(arrayOf(dtype, numbersOf(stored)), dtype, stored.shape);
}

/** Bounds of |got − want|: `absolute` + `relative` · |want|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** What both frameworks' float32 arithmetic leaves over. */
export const TOLERANCE: Tolerance = { absolute: 1e-5, relative: 1e-4 };

/** The largest error as a multiple of the tolerance: up to 1 passes. Infinite where shapes or NaNs differ. */
export function errorOf(got: ArrayLike<number | bigint>, want: readonly number[], tolerance = TOLERANCE): number {
  if (got.length !== want.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [Number(got[i]), want[i]!];
    if (Object.is(a, b) || a === b) continue;
    const error = Math.abs(a - b) / (tolerance.absolute + tolerance.relative * Math.abs(b));
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}

/** Runs one case: `measure` gives an error for each thing that it compares. */
export async function outcomeOf(name: string, measure: () => Promise<Readonly<Record<string, number>>>): Promise<Outcome> {
  try {
    const errors = await measure();
    const failed = Object.entries(errors).filter(([, error]) => !(error <= 1));
    const error = Math.max(0, ...Object.values(errors));
    if (failed.length === 0) return { name, status: "passed", error };
    const reason = failed.map(([what, by]) => `${what}: ${by.toPrecision(3)} times the tolerance`).join(", ");
    return { name, status: "failed", error, reason };
  } catch (error) {
    return { name, status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}
