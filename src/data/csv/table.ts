import { NacreError } from "../../error.js";
import { CellColumn, looksNumeric } from "./cells.js";
import { type CsvLayout, hasHeader, layOut } from "./layout.js";
import type { CsvOptions } from "./options.js";

/** The category of missing cells in text columns. */
const MISSING_CATEGORY = "missing";

/** Collects the records of a CSV file in columns. */
export class CsvTable {
  /** The line of each row, the header being line 1. */
  readonly lines: number[] = [];
  readonly where: string;
  readonly #options: CsvOptions;
  readonly #missing: ReadonlySet<string>;
  #layout: CsvLayout | undefined;
  #columns: CellColumn[] = [];

  constructor(where: string, options: CsvOptions) {
    this.where = where;
    this.#options = options;
    this.#missing = new Set(options.missingValues ?? ["", "NA", "NaN", "nan", "?"]);
  }

  /** Takes in one record, the first of which may be the header. @throws BAD_DATA when it does not fit */
  add(fields: readonly string[], line: number): void {
    const cells = fields.map((field) => field.trim());
    if (this.#layout === undefined) {
      const header = hasHeader(cells, this.#options, this.#missing);
      const names = cells.map((cell, i) => (header && cell !== "" ? cell : `column_${i}`));
      this.#layout = layOut(names, this.#options, this.where);
      this.#columns = this.#newColumns(this.#layout);
      if (header) return;
    }
    if (cells.length !== this.#layout.names.length) throw this.#ragged(cells.length, line);
    if (this.#options.missing === "drop" && this.#columns.some((column) => this.#isMissing(cells, column))) return;
    for (const column of this.#columns) {
      const cell = cells[column.position]!;
      if (this.#isMissing(cells, column)) this.#addMissing(column, cell, line);
      else if (!column.push(cell)) throw this.#notANumber(column, cell, line);
    }
    this.lines.push(line);
  }

  get rows(): number {
    return this.lines.length;
  }

  /** The collected columns by the part they play. @throws BAD_DATA when there were no rows */
  finish(): { label?: CellColumn; sampleWeight?: CellColumn; features: CellColumn[]; keep: CellColumn[] } {
    const layout = this.#layout;
    if (layout === undefined) throw this.#error("", "a header and rows", "an empty file");
    if (this.rows === 0) {
      const dropped = this.#options.missing === "drop" ? "no row without missing cells" : "the header alone";
      throw this.#error("", "rows", dropped);
    }
    const at = (position: number) => this.#columns.find((column) => column.position === position)!;
    return {
      ...(layout.label === undefined ? {} : { label: at(layout.label) }),
      ...(layout.sampleWeight === undefined ? {} : { sampleWeight: at(layout.sampleWeight) }),
      features: this.#columns.slice(0, layout.features.length),
      keep: layout.keep.map(at),
    };
  }

  #newColumns(layout: CsvLayout): CellColumn[] {
    const make = (exact: boolean) => (position: number) =>
      new CellColumn(layout.names[position]!, position, layout.categories.includes(position), exact);
    const others = [layout.label, layout.sampleWeight, ...layout.keep].filter((position) => position !== undefined);
    return [...layout.features.map(make(false)), ...[...new Set(others)].map(make(true))];
  }

  #isMissing(cells: readonly string[], column: CellColumn): boolean {
    return this.#missing.has(cells[column.position]!);
  }

  #addMissing(column: CellColumn, cell: string, line: number): void {
    const { missing = "error" } = this.#options;
    const isLabel = column.position === this.#layout?.label;
    if (missing === "error" || isLabel) {
      const fix = isLabel
        ? 'set missing: "drop" to leave out rows without a label'
        : 'set missing: "drop", "mean", "keep" or a number, or missingValues if this is a value';
      throw this.#error(`, line ${line}, column "${column.name}"`, "a value", `${JSON.stringify(cell)} (missing)`, fix);
    }
    // A column that is text only later fills these places when the file has been read.
    if (column.kind === "text") column.push(MISSING_CATEGORY);
    else column.pushMissing();
  }

  #notANumber(column: CellColumn, cell: string, line: number): NacreError {
    const large = looksNumeric(cell);
    return this.#error(
      `, line ${line}, column "${column.name}"`,
      large ? "a finite number of at most 3.4e38, the largest that float32 holds" : "a number, as in the rows above",
      JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell),
      large
        ? "correct the cell or scale the column down in the file, or list the cell in missingValues"
        : "list the column in categories if it holds text, or its placeholder in missingValues",
    );
  }

  #ragged(received: number, line: number): NacreError {
    const expected = this.#layout!.names.length;
    const fix = received > expected ? "put quotes around fields that hold the separator" : "check for a line that was cut short";
    return this.#error(`, line ${line}`, `${expected} fields as in the first line`, String(received), fix);
  }

  #error(place: string, expected: string, received: string, fix?: string): NacreError {
    const where = `${this.where}${place}`;
    return new NacreError({ code: "BAD_DATA", where, expected, received, ...(fix === undefined ? {} : { fix }) });
  }
}

/** A text column as int32 codes of its sorted categories. */
export function encodeText(column: CellColumn): { data: Int32Array; categories: readonly string[] } {
  const values = column.values.subarray(0, column.length);
  if (column.missing > 0 && !column.categories.has(MISSING_CATEGORY)) {
    column.categories.set(MISSING_CATEGORY, column.categories.size);
  }
  const missing = column.categories.get(MISSING_CATEGORY) ?? 0;
  const categories = [...column.categories.keys()].sort();
  const sorted = new Map(categories.map((name, code) => [name, code]));
  const recode = [...column.categories.keys()].map((name) => sorted.get(name)!);
  return { data: Int32Array.from(values, (code) => recode[Number.isNaN(code) ? missing : code]!), categories };
}
