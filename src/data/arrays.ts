import { errorAt, NacreError, checkOptions, isRecord, wrongKind } from "../error.js";
import { type NestedNumbers, dataTensor } from "../tensor/convert.js";
import { type DType, type TypedArray, arrayOf, isFloat, isTypedArray } from "../tensor/dtype.js";
import { concreteShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import type { Batch, Column, ColumnSpec } from "./column.js";
import { Dataset } from "./dataset.js";
import { IndexedSource } from "./indexed.js";

/** A flat array with its shape, whose first dimension counts the rows. */
export interface ShapedArray {
  readonly data: TypedArray;
  /** Default `[data.length]`. */
  readonly shape?: readonly number[];
  /** Default the array's own type; float32 for a Float64Array. */
  readonly dtype?: DType;
}

/** One column's values: nested numbers, a typed array for each row, one of a number per row, or a flat one with its shape. */
export type ArrayData = readonly NestedNumbers[] | readonly TypedArray[] | TypedArray | ShapedArray;

/** Label values: also names, which become the codes of their sorted order. */
export type LabelData = ArrayData | readonly string[];

/** What `fromArrays` makes a dataset of. */
export interface FromArraysOptions {
  /** One array, then named "input", or several by name. */
  readonly inputs: ArrayData | Readonly<Record<string, ArrayData>>;
  /** One array, then named "label", or several by name. Whole numbers become int32. */
  readonly labels?: LabelData | Readonly<Record<string, LabelData>>;
  /** One number per row, which weighs it in the loss. */
  readonly sampleWeight?: ArrayData;
  /** What the codes 0, 1, 2, … of the label stand for. */
  readonly classNames?: readonly string[];
  /** What reports call the dataset. */
  readonly name?: string;
}

/**
 * A dataset of arrays in memory. Typed arrays are not copied where their type can stay.
 *
 * @throws BAD_DATA when the arrays differ in their number of rows, or a label is not a finite number
 * @throws LABEL_RANGE when a label is not the number of a class name
 * @throws SHAPE_MISMATCH when nested arrays are ragged or a shape does not fit its data
 * @example
 * const xor = fromArrays({ inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], labels: [0, 1, 1, 0] });
 */
export function fromArrays(options: FromArraysOptions): Dataset {
  checkOptions("fromArrays", options, ["inputs", "labels", "sampleWeight", "classNames", "name"]);
  const { inputs, labels, sampleWeight, classNames, name } = options;
  const batch: Batch = {};
  const columns: Record<string, ColumnSpec> = {};
  const add = (column: string, values: Column, categories?: readonly string[]) => {
    if (Object.hasOwn(columns, column)) throw duplicateName(column);
    batch[column] = values;
    const { dtype, shape } = values;
    columns[column] = { dtype, shape: shape.slice(1), ...(categories === undefined ? {} : { categories }) };
  };

  const inputArrays = byName(inputs, "input");
  for (const [column, data] of Object.entries(inputArrays)) add(column, toColumn(column, data as ArrayData));
  const labelArrays = labels === undefined ? {} : byName(labels, "label");
  for (const [column, data] of Object.entries(labelArrays)) {
    const { values, categories } = toLabels(column, data, classNames);
    add(column, values, categories);
  }
  if (sampleWeight !== undefined) add("sampleWeight", toColumn("sampleWeight", sampleWeight, "float32"));
  checkRows(batch);
  return new Dataset(IndexedSource.of(batch), {
    columns,
    inputs: Object.keys(inputArrays),
    labels: Object.keys(labelArrays),
    ...(sampleWeight === undefined ? {} : { sampleWeight: "sampleWeight" }),
    ...(name === undefined ? {} : { name }),
  });
}

function byName<T extends LabelData>(data: T | Readonly<Record<string, T>>, single: string): Readonly<Record<string, T>> {
  const one = Array.isArray(data) || isTypedArray(data) || isShaped(data) || data instanceof Tensor;
  if (!one && !isRecord(data)) throw wrongKind(`fromArrays ${single}s`, "an array, or arrays by name", data);
  return one ? { [single]: data as T } : (data as Readonly<Record<string, T>>);
}

function isShaped(value: unknown): value is ShapedArray {
  return typeof value === "object" && value !== null && "data" in value && isTypedArray(value.data);
}

/** One array as a column. */
export function toColumn(name: string, data: ArrayData, dtype?: DType): Column {
  if (data instanceof Tensor) {
    throw wrongKind(`fromArrays "${name}"`, "an array", data, "await its values: { data: await t.data(), shape: t.shape }");
  }
  const { data: values, shape, dtype: own } = isShaped(data) ? data : { data };
  try {
    const tensor = dataTensor(values, dtype ?? own, shape);
    if (tensor.rank === 0) throw noRows(name, "a single number");
    return { dtype: tensor.dtype, shape: concreteShape(tensor.shape, name), data: tensor.value as TypedArray };
  } catch (error) {
    if (!(error instanceof NacreError) || error.where !== "tensor") throw error;
    throw errorAt(`fromArrays "${name}"`, error);
  }
}

function toLabels(
  name: string,
  data: LabelData,
  classNames: readonly string[] | undefined,
): { values: Column; categories?: readonly string[] } {
  if (isNames(data)) {
    const categories = classNames ?? [...new Set(data)].sort();
    const codes = Int32Array.from(data, (text) => categories.indexOf(text));
    const unknown = codes.indexOf(-1);
    if (unknown >= 0) throw labelRange(name, unknown, `"${data[unknown]}"`, categories.length);
    return { values: { dtype: "int32", shape: [codes.length], data: codes }, categories };
  }
  const column = toColumn(name, data);
  const bad = column.data.findIndex((value: number | bigint) => !Number.isFinite(Number(value)));
  if (bad >= 0) {
    throw new NacreError({
      code: "BAD_DATA",
      where: `fromArrays "${name}", element ${bad}`,
      expected: "a finite number as label",
      received: String(column.data[bad]),
      fix: "leave out the rows without a label",
    });
  }
  // Models count classes in int32; one-hot and measured labels stay floats.
  const whole = isFloat(column.dtype)
    ? !isShaped(data) && !isTypedArray(data) && column.shape.length === 1 && column.data.every(isInt32)
    : column.dtype !== "bool" && column.data.every(isInt32);
  const values: Column = whole ? { ...column, dtype: "int32", data: arrayOf("int32", column.data) } : column;
  if (classNames === undefined || values.shape.length > 1) return { values };
  const outside = values.data.findIndex((value: number | bigint) => value < 0 || value >= classNames.length);
  if (outside >= 0) throw labelRange(name, outside, String(values.data[outside]), classNames.length);
  return { values, categories: classNames };
}

function isNames(data: LabelData): data is readonly string[] {
  return Array.isArray(data) && data.length > 0 && data.every((value) => typeof value === "string");
}

function isInt32(value: number | bigint): boolean {
  return (Number(value) | 0) === Number(value);
}

/** Refuses columns that differ in their number of rows, or have none. */
export function checkRows(batch: Batch): void {
  const [[first, column] = ["inputs", undefined], ...rest] = Object.entries(batch);
  const rows = column?.shape[0] ?? 0;
  if (rows === 0) throw noRows(first, "none");
  for (const [name, { shape }] of rest) {
    if (shape[0] === rows) continue;
    throw new NacreError({
      code: "BAD_DATA",
      where: `fromArrays "${name}"`,
      expected: `${rows} rows as in "${first}"`,
      received: `${shape[0]}`,
      fix: "give every array one entry per row; the first dimension counts the rows",
    });
  }
}

function noRows(name: string, received: string): NacreError {
  return new NacreError({ code: "BAD_DATA", where: `fromArrays "${name}"`, expected: "rows", received });
}

function duplicateName(name: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "fromArrays",
    expected: "a name for one column only",
    received: `"${name}" twice`,
    fix: "rename the input or the label",
  });
}

function labelRange(name: string, row: number, received: string, classes: number): NacreError {
  return new NacreError({
    code: "LABEL_RANGE",
    where: `fromArrays "${name}", row ${row}`,
    expected: `one of the ${classes} classes`,
    received,
    fix: "give classNames an entry for every class",
  });
}
