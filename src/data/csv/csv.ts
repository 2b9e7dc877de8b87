import { NacreError, checkOptions, wrongKind } from "../../error.js";
import { type TypedArray, arrayOf } from "../../tensor/dtype.js";
import { checkCount } from "../check.js";
import { type Batch, type ColumnSpec, withOrigin } from "../column.js";
import { Dataset } from "../dataset.js";
import { IndexedSource } from "../indexed.js";
import type { CellColumn } from "./cells.js";
import { checkShape } from "./layout.js";
import { CSV_OPTIONS, type CsvOptions } from "./options.js";
import { CsvParser } from "./parser.js";
import { type CsvSource, readText, sourceName } from "./source.js";
import { CsvTable, encodeText } from "./table.js";

/**
 * Reads a CSV file into a dataset in memory.
 *
 * Numeric features become one float32 input; each text feature becomes an int32 input of its own,
 * with the codes of its sorted categories. A text label becomes the codes of its sorted class
 * names, a label of whole numbers int32, any other float32.
 *
 * @param source a path (in Node), a URL, bytes, a Blob, or `{ text }`
 * @throws ABORTED when the signal is aborted
 * @throws BAD_DATA when the file is empty, binary, ragged, lacks a column, misses a value, has text
 *   among numbers, or its features do not fill the shape; the message names line and column
 * @throws FILE_ACCESS when the file cannot be read
 * @example
 * const digits = await csv("digits.csv", { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
 */
export async function csv(source: CsvSource, options: CsvOptions = {}): Promise<Dataset> {
  if (typeof source !== "string" && (typeof source !== "object" || source === null || source instanceof Promise)) {
    throw wrongKind("csv", "a path, a URL, bytes, a Blob, or { text }", source);
  }
  checkCsvOptions(options);
  const where = sourceName(source);
  const table = new CsvTable(where, options);
  const parser = new CsvParser(where, options.separator ?? ",", (fields, line) => table.add(fields, line));
  try {
    for await (const text of readText(source, () => parser.line, options.signal)) {
      options.signal?.throwIfAborted();
      parser.write(text);
      options.onProgress?.({ rows: table.rows });
    }
  } catch (cause) {
    if (options.signal?.aborted !== true) throw cause;
    throw new NacreError({ code: "ABORTED", where, expected: "to read the whole file", received: "an abort", cause });
  }
  parser.end();
  return toDataset(table, options);
}

function toDataset(table: CsvTable, options: CsvOptions): Dataset {
  const { label, sampleWeight, features, keep } = table.finish();
  const columns: Record<string, ColumnSpec> = {};
  const batch: Batch = {};
  const add = (name: string, spec: ColumnSpec, data: TypedArray) => {
    if (Object.hasOwn(columns, name)) throw clash(table.where, name);
    columns[name] = spec;
    batch[name] = { dtype: spec.dtype, shape: [table.rows, ...spec.shape], data };
  };

  const numeric = features.filter((column) => column.kind !== "text");
  const text = features.filter((column) => column.kind === "text");
  checkShape(numeric.length, options.shape, table.where);
  if (numeric.length > 0) {
    const spec: ColumnSpec = {
      dtype: "float32",
      shape: options.shape ?? [numeric.length],
      features: numeric.map((column) => column.name),
    };
    add(options.inputName ?? "input", spec, pack(numeric, options));
  }
  for (const column of text) add(column.name, ...encodeColumn(column, options, "float32"));
  const inputs = Object.keys(columns);
  if (label !== undefined) add(label.name, ...encodeColumn(label, options, "float32"));
  // Kept columns may be identifiers, which float32 could not tell apart.
  for (const column of keep) add(column.name, ...encodeColumn(column, options, "float64"));
  if (sampleWeight !== undefined) {
    add(sampleWeight.name, { dtype: "float32", shape: [] }, Float32Array.from(filled(sampleWeight, options)));
  }
  const name = table.where.split(/[\\/]/).at(-1) || table.where;
  withOrigin(batch, { numbers: Uint32Array.from(table.lines), nameOf: (line) => `${name}, line ${line}` });
  return new Dataset(IndexedSource.of(batch), {
    columns,
    inputs,
    labels: label === undefined ? [] : [label.name],
    ...(sampleWeight === undefined ? {} : { sampleWeight: sampleWeight.name }),
    name,
  });
}

/** Numeric columns side by side, row after row, scaled. */
function pack(columns: readonly CellColumn[], options: CsvOptions): Float32Array {
  const width = columns.length;
  const out = new Float32Array(width * columns[0]!.length);
  const scale = options.scale ?? 1;
  for (const [at, column] of columns.entries()) {
    const values = filled(column, options);
    for (let row = 0; row < values.length; row++) out[row * width + at] = values[row]! * scale;
  }
  return out;
}

/** The numbers of a column, with the missing ones replaced as the options say. */
function filled(column: CellColumn, options: CsvOptions): Float32Array | Float64Array {
  const values = column.values.subarray(0, column.length);
  if (column.missing === 0) return values;
  const { missing } = options;
  if (missing === "mean" && column.missing === column.length) throw noMean(column.name);
  const fill = missing === "mean" ? column.mean : typeof missing === "number" ? missing : NaN;
  return values.map((value) => (Number.isNaN(value) ? fill : value));
}

function encodeColumn(column: CellColumn, options: CsvOptions, float: "float32" | "float64"): [ColumnSpec, TypedArray] {
  if (column.kind === "text") {
    const { data, categories } = encodeText(column);
    return [{ dtype: "int32", shape: [], categories }, data];
  }
  const values = filled(column, options);
  if (!column.integer || column.missing > 0) return [{ dtype: float, shape: [] }, arrayOf(float, values)];
  const categories = classNumbers(values);
  return [{ dtype: "int32", shape: [], ...(categories === undefined ? {} : { categories }) }, Int32Array.from(values)];
}

/** "0", "1", … when the numbers are those of classes: from 0 up without a gap. */
function classNumbers(values: Float32Array | Float64Array): string[] | undefined {
  const distinct = new Set(values);
  const names = Array.from(distinct, (_, i) => String(i));
  return names.every((_, i) => distinct.has(i)) ? names : undefined;
}

function checkCsvOptions(options: CsvOptions): void {
  checkOptions("csv", options, CSV_OPTIONS);
  for (const dim of options.shape ?? []) checkCount("csv", "shape", dim, 1);
  const { separator = ",", missing = "error", scale = 1 } = options;
  if (separator.length !== 1 || separator === '"' || separator === "\n" || separator === "\r") {
    throw badOption("separator", "one character that is no quote or line end", JSON.stringify(separator));
  }
  const rules = ["error", "drop", "mean", "keep"];
  if (typeof missing !== "number" && !rules.includes(missing)) {
    throw badOption("missing", `${rules.join(", ")} or a number`, JSON.stringify(missing));
  }
  if (!Number.isFinite(scale)) throw badOption("scale", "a finite number", String(scale));
}

function badOption(option: string, expected: string, received: string): NacreError {
  return new NacreError({ code: "BAD_ARGUMENT", where: `csv ${option}`, expected, received });
}

function noMean(name: string): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: `csv, column "${name}"`,
    expected: "a value to take the mean of",
    received: "missing cells only",
    fix: "leave the column out with columns, or set missing to a number",
  });
}

function clash(where: string, name: string): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where,
    expected: "columns of different names",
    received: `"${name}" twice: a column of the file has the name of the packed features, or two parts`,
    fix: "set inputName to another name",
  });
}
