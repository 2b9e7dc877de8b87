import type { DType, TypedArray } from "./dtype.js";
import { rowMajorStrides } from "./shape.js";

/** How many elements are printed at each end of an axis before an ellipsis. */
const EDGE = 3;

/** Values as nested brackets, four significant digits, long axes cut in the middle. */
export function formatValues(data: TypedArray, shape: readonly number[], dtype: DType): string {
  const strides = rowMajorStrides(shape);
  const element = (value: number | bigint): string => {
    if (dtype === "bool") return value ? "true" : "false";
    if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
    return String(Number(value.toPrecision(4)));
  };
  const nest = (axis: number, offset: number): string => {
    if (axis === shape.length) return element(data[offset]!);
    const length = shape[axis]!;
    const at = (i: number) => nest(axis + 1, offset + i * strides[axis]!);
    const indices = Array.from({ length }, (_, i) => i);
    if (length <= 2 * EDGE) return `[${indices.map(at).join(", ")}]`;
    const head = indices.slice(0, EDGE).map(at);
    const tail = indices.slice(-EDGE).map(at);
    return `[${[...head, "…", ...tail].join(", ")}]`;
  };
  return nest(0, 0);
}
