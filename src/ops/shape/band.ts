import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import type { Dim } from "../../tensor/dim.js";
import { concreteShape } from "../../tensor/shape.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sub } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { greaterEqual, lessEqual, logicalAnd } from "../elementwise/compare.js";
import { where } from "../elementwise/where.js";
import { positions } from "../reduce/positions.js";
import { ones } from "./fill.js";
import { pad } from "./pad.js";
import { expandDims, reshape } from "./reshape.js";
import { sliceAlong, slice } from "./slice.js";

/** Which diagonals a band holds; diagonal k has the elements [i, i + k]. */
export interface BandOptions {
  /** The first. Default: all below. */
  readonly from?: number;
  /** The last. Default: all above. */
  readonly to?: number;
}

/**
 * true on the diagonals `from` to `to` of a matrix. @shape → [rows,columns] bool
 * @example
 * console.log(await ops.bandMask(2, 3, { to: 0 }).toArray()); // [[true, false, false], [true, true, false]]
 */
export function bandMask(rows: Dim, columns: Dim, { from = -Infinity, to = Infinity }: BandOptions = {}): Tensor {
  const diagonals = sub(positions(columns), expandDims(positions(rows), 1)); // [rows,columns]
  const parts = [
    ...(from === -Infinity ? [] : [greaterEqual(diagonals, from)]),
    ...(to === Infinity ? [] : [lessEqual(diagonals, to)]),
  ];
  return parts.length === 0 ? ones([rows, columns], "bool") : parts.reduce((a, b) => logicalAnd(a, b));
}

function band(op: string, x: TensorLike, options: BandOptions): Tensor {
  const value = toTensor(x);
  if (value.rank < 2) throw shapeError(op, "at least two axes", [value.shape]);
  const [rows, columns] = concreteShape(value.shape.slice(-2), op) as [number, number];
  return where(bandMask(rows, columns, options), value, 0);
}

/**
 * The matrices in the last two axes with 0 above diagonal k, default 0. @shape [...,M,N] → [...,M,N]
 * @example
 * console.log(await ops.tril([[1, 2], [3, 4]]).toArray()); // [[1, 0], [3, 4]]
 */
export function tril(x: TensorLike, k = 0): Tensor {
  return band("tril", x, { to: k });
}

/**
 * The matrices in the last two axes with 0 below diagonal k, default 0. @shape [...,M,N] → [...,M,N]
 * @example
 * console.log(await ops.triu([[1, 2], [3, 4]]).toArray()); // [[1, 2], [0, 4]]
 */
export function triu(x: TensorLike, k = 0): Tensor {
  return band("triu", x, { from: k });
}

/**
 * A matrix of 0 with 1 on diagonal k, default 0; square unless `columns` says otherwise. @shape → [rows,columns]
 * @example
 * console.log(await ops.eye(2).toArray()); // [[1, 0], [0, 1]]
 */
export function eye(rows: number, columns = rows, k = 0, dtype: DType = "float32"): Tensor {
  return cast(bandMask(rows, columns, { from: k, to: k }), dtype);
}

/**
 * Square matrices of 0 with x on diagonal k, default 0. @shape [...,N] → [...,N+|k|,N+|k|]
 * @example
 * console.log(await ops.diag([1, 2]).toArray()); // [[1, 0], [0, 2]]
 */
export function diag(x: TensorLike, k = 0): Tensor {
  const value = toTensor(x);
  if (value.rank < 1) throw shapeError("diag", "at least one axis", [value.shape]);
  const padded = pad(value, value.shape.map((_, i) => [0, i === value.rank - 1 ? Math.abs(k) : 0]));
  const [size] = concreteShape(padded.shape.slice(-1), "diag") as [number];
  return where(bandMask(size, size, { from: k, to: k }), expandDims(padded, k >= 0 ? -1 : -2), 0);
}

/**
 * Diagonal k of the matrices in the last two axes, default 0. @shape [...,M,N] → [...,min(M,N)] for k = 0
 * @example
 * console.log(await ops.diagonal([[1, 2], [3, 4]]).toArray()); // [1, 4]
 */
export function diagonal(x: TensorLike, k = 0): Tensor {
  const value = toTensor(x);
  if (value.rank < 2) throw shapeError("diagonal", "at least two axes", [value.shape]);
  const [rows, columns] = concreteShape(value.shape.slice(-2), "diagonal") as [number, number];
  const length = Math.max(0, Math.min(rows + Math.min(k, 0), columns - Math.max(k, 0)));
  const flat = reshape(value, [...value.shape.slice(0, -2), rows * columns]);
  if (length === 0) return sliceAlong(flat, -1, 0, 0);
  // From one element of a diagonal to the next is one row and one column.
  const start = k >= 0 ? k : -k * columns;
  const last = flat.rank - 1;
  return slice(
    flat,
    flat.shape.map((_, i) => (i === last ? start : 0)),
    flat.shape.map((dim, i) => (i === last ? start + (length - 1) * (columns + 1) + 1 : dim)),
    flat.shape.map((_, i) => (i === last ? columns + 1 : 1)),
  );
}
