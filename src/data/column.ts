import { type DType, type TypedArray, allocate } from "../tensor/dtype.js";
import { Tensor } from "../tensor/tensor.js";

/** What a dataset declares of one column: the type and shape of a single row's value. */
export interface ColumnSpec {
  readonly dtype: DType;
  /** Without the batch dimension; `[]` is one number per row. */
  readonly shape: readonly number[];
  /** What the codes 0, 1, 2, … of an integer column stand for. */
  readonly categories?: readonly string[];
  /** Names of the elements of a row, in row-major order, such as the CSV columns packed into it. */
  readonly features?: readonly string[];
}

/** Column specifications by name. */
export type ColumnSpecs = Readonly<Record<string, ColumnSpec>>;

/** The values of one column for some rows; the first dimension counts the rows. */
export interface Column {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Some rows of a dataset, column by column. */
export type Batch = Record<string, Column>;

/** Where the rows of a batch come from: for each its number, and what messages call such a row. */
export interface Origin {
  readonly numbers: Uint32Array;
  readonly nameOf: (number: number) => string;
}

const origins = new WeakMap<Batch, Origin>();

/** The batch itself, its rows' origin known from now on wherever they go. */
export function withOrigin(batch: Batch, origin: Origin | undefined): Batch {
  if (origin !== undefined) origins.set(batch, origin);
  return batch;
}

/** Where the rows of a batch come from; undefined where nobody told. */
export function originOf(batch: Batch): Origin | undefined {
  return origins.get(batch);
}

/** Rows that are counted from `first`, as those of arrays and generators are. */
export function countedRows(first: number, rows: number): Origin {
  return { numbers: Uint32Array.from({ length: rows }, (_, i) => first + i), nameOf: (row) => `row ${row} (from 0)` };
}

/** What messages call row `at` of a batch: its number before any shuffling, or its line in a file. */
export function placeOf(batch: Batch, at: number): string {
  const origin = origins.get(batch);
  return origin === undefined ? `row ${at} of the batch` : origin.nameOf(origin.numbers[at]!);
}

/**
 * The columns of a batch as tensors, sharing their memory.
 *
 * @example
 * for await (const batch of train.batches({ batchSize: 32 })) {
 *   const { input, label } = toTensors(batch);
 * }
 */
export function toTensors(batch: Batch): Record<string, Tensor> {
  const entries = Object.entries(batch).map(([name, { dtype, shape, data }]) => {
    return [name, new Tensor({ dtype, shape, value: data })] as const;
  });
  return Object.fromEntries(entries);
}

/** The number of rows of a batch. */
export function rowCount(batch: Batch): number {
  return Object.values(batch)[0]?.shape[0] ?? 0;
}

/** The number of elements of one row's value. */
export function rowSize(spec: ColumnSpec): number {
  return spec.shape.reduce((product, dim) => product * dim, 1);
}

/** Arrays by what they hold; a new `Map` to begin with. */
export type BatchMemory = Map<string, TypedArray>;

/** A batch with the rows at `indices`, copied; into `memory`, where some is given. */
export function gatherRows(batch: Batch, indices: Uint32Array, memory?: BatchMemory): Batch {
  const rows = mapColumns(batch, (column, name) => gatherColumn(column, indices, (length) => arrayIn(memory, `${name} ${column.dtype}`, column.dtype, length)));
  return withNumbers(rows, originOf(batch), (numbers) => picked(numbers, indices));
}

/** The numbers at `indices`. */
export function picked(numbers: Uint32Array, indices: Uint32Array): Uint32Array {
  // A callback for each would take several times as long.
  const out = new Uint32Array(indices.length);
  for (let i = 0; i < out.length; i++) out[i] = numbers[indices[i]!]!;
  return out;
}

/** An array of `length` elements with any contents: the one of this name in `memory`, where it is large enough. */
function arrayIn(memory: BatchMemory | undefined, name: string, dtype: DType, length: number): TypedArray {
  let array = memory?.get(name);
  if (array === undefined || array.length < length) {
    array = allocate(dtype, length);
    memory?.set(name, array);
  }
  return array.length === length ? array : array.subarray(0, length);
}

/** The rows from `start` up to `end`, sharing memory with `batch`. */
export function sliceRows(batch: Batch, start: number, end: number): Batch {
  const rows = mapColumns(batch, ({ dtype, shape, data }) => {
    const size = elementsPerRow(shape);
    return { dtype, shape: [end - start, ...shape.slice(1)], data: data.subarray(start * size, end * size) };
  });
  return withNumbers(rows, originOf(batch), (numbers) => numbers.subarray(start, end));
}

/** One batch with the rows of all of `batches`, copied; they have the columns `columns`. */
export function concatRows(batches: readonly Batch[], columns: ColumnSpecs): Batch {
  const rows = batches.reduce((sum, batch) => sum + rowCount(batch), 0);
  const out: Batch = {};
  for (const [name, spec] of Object.entries(columns)) {
    const data = allocate(spec.dtype, rows * rowSize(spec));
    let offset = 0;
    for (const batch of batches) {
      const part = batch[name]!.data;
      copyInto(data, part, offset);
      offset += part.length;
    }
    out[name] = { dtype: spec.dtype, shape: [rows, ...spec.shape], data };
  }
  const parts = batches.map(originOf).filter((origin) => origin !== undefined);
  if (parts.length < batches.length) return out;
  return withNumbers(out, parts[0], () => joinNumbers(parts.map(({ numbers }) => numbers)));
}

/** All numbers of some arrays in one. */
export function joinNumbers(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function withNumbers(batch: Batch, origin: Origin | undefined, change: (numbers: Uint32Array) => Uint32Array): Batch {
  return origin === undefined ? batch : withOrigin(batch, { ...origin, numbers: change(origin.numbers) });
}

/** Copies `from` into `to`; both hold the same element type. */
export function copyInto(to: TypedArray, from: TypedArray, offset: number): void {
  // The cast stands for "the same kind on both sides", which the union cannot say.
  (to as Float32Array).set(from as Float32Array, offset);
}

function gatherColumn({ dtype, shape, data }: Column, indices: Uint32Array, arrayOf: (length: number) => TypedArray): Column {
  const size = elementsPerRow(shape);
  const out = arrayOf(indices.length * size);
  if (size <= 8) {
    // For short rows a plain loop is several times faster than subarray and set.
    for (let row = 0, to = 0; row < indices.length; row++) {
      const from = indices[row]! * size;
      for (let i = 0; i < size; i++) out[to++] = data[from + i]!;
    }
  } else {
    for (let row = 0; row < indices.length; row++) {
      const from = indices[row]! * size;
      copyInto(out, data.subarray(from, from + size), row * size);
    }
  }
  return { dtype, shape: [indices.length, ...shape.slice(1)], data: out };
}

function elementsPerRow(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, dim) => product * dim, 1);
}

function mapColumns(batch: Batch, fn: (column: Column, name: string) => Column): Batch {
  return Object.fromEntries(Object.entries(batch).map(([name, column]) => [name, fn(column, name)]));
}
