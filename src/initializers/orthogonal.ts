import { normals } from "../random/index.js";
import { type Initializer, type SeedOption, elements, makeRandomInitializer } from "./initializer.js";
import { shapeMistake } from "./shapeMistake.js";

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions extends SeedOption {
  /** Multiplies the matrix. Default 1. */
  readonly gain?: number;
}

/**
 * A random orthogonal matrix times `gain`, all of them equally likely. A weight of more axes is
 * read as a matrix of its last axis; of a matrix that is not square, the shorter side's vectors
 * are orthonormal.
 *
 * @throws SHAPE_MISMATCH when the weight has fewer than 2 axes
 * @example
 * const layer = layers.dense({ units: 3, kernelInitializer: initializers.orthogonal({ gain: 2 }) });
 */
export function orthogonal(options: OrthogonalOptions = {}): Initializer {
  return makeRandomInitializer("Orthogonal", { gain: 1 }, options, (shape, { gain }, key) => {
    if (shape.length < 2) throw shapeMistake("Orthogonal", "a weight with at least 2 axes", shape);
    const columns = shape.at(-1)!;
    const rows = elements(shape.slice(0, -1));
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const vectors = orthonormalized(Float64Array.from(normals(key, count * length)), count, length);
    const out = new Float32Array(rows * columns);
    for (let v = 0; v < count; v++) {
      for (let i = 0; i < length; i++) {
        const at = rows < columns ? v * columns + i : i * columns + v;
        out[at] = gain * vectors[v * length + i]!;
      }
    }
    return out;
  });
}

/**
 * Modified Gram-Schmidt in place. Dividing by positive lengths is the QR decomposition with a
 * positive diagonal in R, the one that makes every orthogonal matrix equally likely.
 */
function orthonormalized(vectors: Float64Array, count: number, length: number): Float64Array {
  for (let v = 0; v < count; v++) {
    const current = vectors.subarray(v * length, (v + 1) * length);
    const norm = Math.sqrt(dot(current, current));
    for (let i = 0; i < length; i++) current[i]! /= norm;
    for (let w = v + 1; w < count; w++) {
      const other = vectors.subarray(w * length, (w + 1) * length);
      const share = dot(current, other);
      for (let i = 0; i < length; i++) other[i]! -= share * current[i]!;
    }
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
