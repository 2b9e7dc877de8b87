import { NacreError } from "../error.js";
import { type DType, type TypedArray, allocate, isTypedArray } from "../tensor/dtype.js";
import { type Batch, type ColumnSpec, type ColumnSpecs, copyInto, rowCount, rowSize } from "./column.js";

/**
 * The value of one column in one row: a plain number where the column's shape is `[]` (0 or 1 for
 * `bool`, a bigint for `int64`), otherwise its elements in row-major order.
 */
export type RowValue = number | bigint | TypedArray;

/** One row of a dataset by column name. */
export type Row = Record<string, RowValue>;

/** What may be given for a row: also booleans and plain arrays. */
export type RowInput = Readonly<Record<string, RowValue | boolean | readonly number[]>>;

/** The rows of a batch; array values share its memory. */
export function rowsOf(batch: Batch, columns: ColumnSpecs): Row[] {
  const rows: Row[] = Array.from({ length: rowCount(batch) }, () => ({}));
  for (const [name, spec] of Object.entries(columns)) {
    const { data } = batch[name]!;
    const size = rowSize(spec);
    const scalar = spec.shape.length === 0;
    for (const [i, row] of rows.entries()) {
      row[name] = scalar ? data[i]! : data.subarray(i * size, (i + 1) * size);
    }
  }
  return rows;
}

/**
 * A batch made of rows; `nameOf` tells what errors call each of them.
 *
 * @throws BAD_DATA when a row lacks a declared column or its value does not fit the declaration
 */
export function batchOf(rows: readonly RowInput[], columns: ColumnSpecs, nameOf: (at: number) => string): Batch {
  const batch: Batch = {};
  for (const [name, spec] of Object.entries(columns)) {
    const size = rowSize(spec);
    const data = allocate(spec.dtype, rows.length * size);
    for (const [i, row] of rows.entries()) {
      const value = row[name];
      const refuse = (received: string): never => {
        throw misfit(nameOf(i), name, spec, received);
      };
      if (value === undefined || value === null) refuse("no value");
      else if (typeof value === "object") setArray(data, i * size, value, spec, refuse);
      else if (size === 1) setNumber(data, i, value, spec, refuse);
      else refuse(`the single value ${value}`);
    }
    batch[name] = { dtype: spec.dtype, shape: [rows.length, ...spec.shape], data };
  }
  return batch;
}

/**
 * A batch as it is, if it holds the declared columns for so many rows.
 *
 * @throws BAD_DATA when it does not
 */
export function checkedBatch(batch: Batch, columns: ColumnSpecs, rows: number): Batch {
  for (const [name, spec] of Object.entries(columns)) {
    const column = batch[name];
    const shape = [rows, ...spec.shape];
    const fits = column?.dtype === spec.dtype && column.shape.join() === shape.join() && column.data.length === rows * rowSize(spec);
    if (fits) continue;
    const received = column === undefined ? "no value" : `${column.dtype} [${column.shape.join(", ")}] of ${column.data.length} elements`;
    throw misfit(`dataset.mapBatches, ${rows} rows`, name, spec, received);
  }
  return batch;
}

function setArray(
  data: TypedArray,
  offset: number,
  value: TypedArray | readonly number[],
  spec: ColumnSpec,
  refuse: (received: string) => never,
): void {
  const size = rowSize(spec);
  if (value.length !== size) refuse(`${value.length} elements`);
  if (isTypedArray(value) && value.constructor === data.constructor) return copyInto(data, value, offset);
  for (let i = 0; i < size; i++) setNumber(data, offset + i, value[i]!, spec, refuse);
}

function setNumber(
  data: TypedArray,
  at: number,
  value: number | bigint | boolean,
  spec: ColumnSpec,
  refuse: (received: string) => never,
): void {
  const range = INTEGER_RANGES[spec.dtype];
  if (range !== undefined) {
    const number = Number(value);
    const fits = Number.isInteger(number) && number >= range[0] && number <= range[1];
    if (!fits) refuse(`the value ${value}`);
  }
  if (data instanceof BigInt64Array) data[at] = BigInt(value);
  else data[at] = Number(value);
}

/** The values that an integer column can hold; writing others would change them silently. */
const INTEGER_RANGES: Partial<Record<DType, readonly [number, number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};

function misfit(where: string, name: string, spec: ColumnSpec, received: string): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: `${where}, column "${name}"`,
    expected: `a value of ${spec.dtype} [${spec.shape.join(", ")}]`,
    received,
    fix: "return every declared column, or declare what it now holds with the option columns",
  });
}
