import { NacreError, nearestName } from "../../error.js";
import { looksNumeric } from "./cells.js";
import type { CsvOptions } from "./options.js";

/** Which column of the file plays which part; all numbers are positions in a record. */
export interface CsvLayout {
  readonly names: readonly string[];
  readonly features: readonly number[];
  readonly label: number | undefined;
  readonly sampleWeight: number | undefined;
  readonly keep: readonly number[];
  /** Columns that are text even when they look like numbers. */
  readonly categories: readonly number[];
}

/** Whether the first record names the columns. */
export function hasHeader(first: readonly string[], options: CsvOptions, missing: ReadonlySet<string>): boolean {
  if (typeof options.header === "boolean") return options.header;
  const { label, sampleWeight, columns = [], categories = [], keep = [] } = options;
  const asked = [label, sampleWeight, ...columns, ...categories, ...keep];
  if (asked.some((name) => typeof name === "string" && first.includes(name))) return true;
  return !first.some((cell) => looksNumeric(cell) || missing.has(cell));
}

/**
 * Finds the columns that the options name.
 *
 * @throws BAD_DATA when one is not there, names repeat, or the features do not fill the shape
 */
export function layOut(names: readonly string[], options: CsvOptions, where: string): CsvLayout {
  const places = new Map(names.map((name, i) => [name, i]));
  const repeated = names.find((name, i) => places.get(name) !== i);
  if (repeated !== undefined) {
    throw bad(where, "columns of different names", `"${repeated}" twice`, "rename one of them in the first line");
  }
  if (names.includes("__proto__")) throw bad(where, "a name that objects can have", '"__proto__"', "rename the column");
  const find = (option: string) => (column: string | number) => findColumn(column, option, names, options, where);
  const label = options.label === undefined ? undefined : find("label")(options.label);
  const sampleWeight = options.sampleWeight === undefined ? undefined : find("sampleWeight")(options.sampleWeight);
  const keep = (options.keep ?? []).map(find("keep"));
  const categories = (options.categories ?? []).map(find("categories"));
  const taken = new Set([label, sampleWeight, ...keep]);
  const all = [...names.keys()];
  const chosen = options.columns === undefined ? undefined : new Set(options.columns.map(find("columns")));
  const features = all.filter((i) => (chosen === undefined ? !taken.has(i) : chosen.has(i)));
  const both = features.find((i) => taken.has(i));
  if (both !== undefined) {
    throw bad(where, "one part for each column", `"${names[both]}" as a feature and as something else`, "leave it out of columns");
  }
  if (features.length === 0) {
    throw bad(where, "at least one feature column", `only ${names.join(", ")}`, 'check the separator, as in { separator: ";" }');
  }
  checkShape(features.length, options.shape, where);
  return { names, features, label, sampleWeight, keep, categories };
}

/** @throws BAD_DATA when the shape has not one element for each feature */
export function checkShape(features: number, shape: readonly number[] | undefined, where: string): void {
  if (shape === undefined) return;
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (size === features) return;
  throw bad(
    where,
    `${size} numeric feature columns for shape [${shape.join(", ")}]`,
    `${features}`,
    "give a shape whose product is the number of features, or choose the features with columns",
  );
}

function findColumn(
  column: string | number,
  option: string,
  names: readonly string[],
  options: CsvOptions,
  where: string,
): number {
  if (typeof column === "number") {
    const index = column < 0 ? column + names.length : column;
    if (names[index] !== undefined) return index;
    throw bad(where, `for ${option} a column from 0 to ${names.length - 1}`, String(column), "indices count from 0; -1 is the last");
  }
  const index = names.indexOf(column);
  if (index >= 0) return index;
  const shown = names.length > 8 ? [...names.slice(0, 4), "…", ...names.slice(-3)] : names;
  throw bad(where, `for ${option} one of the columns ${shown.join(", ")}`, `"${column}"`, remedy(column, names, options));
}

function remedy(column: string, names: readonly string[], options: CsvOptions): string {
  const other = [";", "\t", "|"].find((char) => char !== options.separator && names.some((name) => name.includes(char)));
  if (names.length === 1 && other !== undefined) return `set separator: ${JSON.stringify(other)}`;
  if (names[0] === "column_0") return "this file has no header line: give the column's index";
  return `did you mean "${nearestName(column, names)}"?`;
}

function bad(where: string, expected: string, received: string, fix: string): NacreError {
  return new NacreError({ code: "BAD_DATA", where, expected, received, fix });
}
