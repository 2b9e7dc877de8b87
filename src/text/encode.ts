import { tensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";

/** Rows of indices as [B,T], short ones filled with 0. */
export function padded(rows: readonly (readonly number[])[], length = longest(rows)): Tensor {
  const data = new Int32Array(rows.length * length);
  rows.forEach((row, i) => data.set(row.slice(0, length), i * length));
  return tensor(data, { shape: [rows.length, length] });
}

/** Rows of indices as they are, a row of places for each index, for those of a row together, or the sums of their weights. */
export function encodeIndices(
  rows: readonly (readonly number[])[],
  mode: "int" | "oneHot" | "multiHot" | "count" | "tfIdf",
  width: number,
  weightOf: (index: number) => number = () => 1,
): Tensor {
  if (mode === "int") return padded(rows);
  if (mode === "oneHot") return placed(rows, width);
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    for (const index of row) {
      const at = i * width + index;
      data[at] = mode === "multiHot" ? 1 : data[at]! + weightOf(index);
    }
  });
  return tensor(data, { shape: [rows.length, width] });
}

/** [B,V] where each row has one index, else [B,T,V]. */
function placed(rows: readonly (readonly number[])[], width: number): Tensor {
  const length = longest(rows);
  const data = new Float32Array(rows.length * length * width);
  rows.forEach((row, i) => row.forEach((index, t) => (data[(i * length + t) * width + index] = 1)));
  return tensor(data, { shape: length === 1 ? [rows.length, width] : [rows.length, length, width] });
}

function longest(rows: readonly (readonly number[])[]): number {
  return rows.reduce((most, row) => Math.max(most, row.length), 0);
}
