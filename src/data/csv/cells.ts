/**
 * Decimal notation; hexadecimal and the like, which `Number` also reads, are text. No two parts can
 * share digits, else a long row of them would take time by its square.
 */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NON_FINITE = /^[+-]?inf(?:inity)?$/i;
const INTEGER = /^[+-]?\d+$/;

export function looksNumeric(cell: string): boolean {
  return NUMBER.test(cell) || NON_FINITE.test(cell);
}

/**
 * The cells of one column as they are read. The first value decides whether the column holds
 * numbers or text.
 */
export class CellColumn {
  readonly name: string;
  readonly position: number;
  kind: "unknown" | "number" | "text";
  /** Numbers, or for text the code of each category by first appearance; NaN where missing. */
  values: Float32Array | Float64Array;
  length = 0;
  missing = 0;
  /** Whether every number is written as a whole one and fits into int32. */
  integer = true;
  readonly categories = new Map<string, number>();
  #sum = 0;

  /** @param exact whether numbers need more than float32, as labels and keys do */
  constructor(name: string, position: number, text: boolean, exact: boolean) {
    this.name = name;
    this.position = position;
    this.kind = text ? "text" : "unknown";
    this.values = exact ? new Float64Array(16) : new Float32Array(16);
  }

  /** The mean of the numbers that are not missing; NaN when all are. */
  get mean(): number {
    return this.#sum / (this.length - this.missing);
  }

  pushMissing(): void {
    this.missing++;
    this.#push(NaN);
  }

  /** Adds a cell; returns false, and adds nothing, when the column holds numbers and this is none. */
  push(cell: string): boolean {
    if (this.kind === "unknown") this.kind = looksNumeric(cell) ? "number" : "text";
    if (this.kind === "text") {
      let code = this.categories.get(cell);
      if (code === undefined) this.categories.set(cell, (code = this.categories.size));
      this.#push(code);
      return true;
    }
    const value = NUMBER.test(cell) ? Number(cell) : NaN;
    if (!Number.isFinite(Math.fround(value))) return false;
    if (this.integer) this.integer = INTEGER.test(cell) && (value | 0) === value;
    this.#sum += value;
    this.#push(value);
    return true;
  }

  #push(value: number): void {
    if (this.length === this.values.length) {
      const larger = this.values instanceof Float64Array ? new Float64Array(2 * this.length) : new Float32Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}
