import { wrongKind } from "../error.js";
import { isFloat } from "../tensor/dtype.js";
import { formatAudit } from "./auditFormat.js";
import { type Batch, type ColumnSpec, rowCount, rowSize } from "./column.js";
import { Dataset } from "./dataset.js";
import { fingerprints } from "./fingerprint.js";

/** How many rows have one label. */
export interface ClassCount {
  readonly name: string;
  readonly count: number;
  /** Of all rows, 0 to 1. */
  readonly share: number;
}

/** The values of a column, or of one named feature in it. */
export interface ValueSummary {
  readonly name: string;
  /** Smallest, largest and mean of the finite values; NaN when there are none. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** NaN values. */
  readonly missing: number;
  /** Infinite values. */
  readonly infinite: number;
}

export interface ColumnSummary extends ValueSummary {
  readonly role: "input" | "label" | "weight" | "other";
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Each element of a row; named when the dataset names its features. */
  readonly features: readonly ValueSummary[];
}

/** Some sets of rows, and how many rows these have. */
export interface RowSets {
  readonly groups: number;
  readonly rows: number;
}

/** What {@link audit} found. */
export interface Audit {
  readonly name: string | undefined;
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  /** Rows per class, in class order; empty without class labels. */
  readonly classes: readonly ClassCount[];
  /** Rows of the largest class over rows of the smallest; Infinity when a class has none, undefined without classes. */
  readonly imbalance: number | undefined;
  /** Rows whose inputs occurred before (the extra copies), and the sets they form with the first. */
  readonly duplicates: RowSets;
  /** Sets of rows with identical inputs but different labels, and all of their rows. */
  readonly conflictingDuplicates: RowSets;
  /** Input features that never change. */
  readonly constantColumns: readonly string[];
  /** NaN values by column or feature, where there are any. */
  readonly missing: Readonly<Record<string, number>>;
  /** Infinite values by column or feature, where there are any. */
  readonly nonFinite: Readonly<Record<string, number>>;
  /** Smallest and largest finite value by column or feature. */
  readonly ranges: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
  /** The report as text of at most 80 columns. */
  toString(): string;
}

/**
 * Looks for what spoils training: imbalance, duplicates, contradictory labels, constant columns,
 * missing and infinite values. Reads pass 0 once.
 *
 * @example
 * console.log(String(await audit(digits)));
 */
export async function audit(dataset: Dataset): Promise<Audit> {
  if (!(dataset instanceof Dataset)) throw wrongKind("audit", "a dataset", dataset);
  const tallies = Object.entries(dataset.columns).map(([name, spec]) => new ColumnTally(name, spec));
  const rows = new RowTally();
  const classes = new Map<number, number>();
  const label = classColumn(dataset);
  for await (const batch of dataset.batches({ batchSize: 1024 })) {
    for (const tally of tallies) tally.add(batch);
    rows.add(fingerprints(batch, dataset.inputs), fingerprints(batch, dataset.labels));
    if (label === undefined) continue;
    for (const value of batch[label]!.data) classes.set(Number(value), (classes.get(Number(value)) ?? 0) + 1);
  }

  const columns = tallies.map((tally) => tally.summary(roleOf(tally.name, dataset)));
  const inputs = columns.filter((column) => column.role === "input");
  const values = columns.flatMap((column) => (dataset.columns[column.name]?.features === undefined ? [column] : column.features));
  const found = rows.found();
  const classCounts = countClasses(classes, dataset.classNames, found.rows);
  const counts = classCounts.map(({ count }) => count);
  const report: Omit<Audit, "toString"> = {
    name: dataset.name,
    ...found,
    columns,
    classes: classCounts,
    imbalance: counts.length === 0 ? undefined : Math.max(...counts) / Math.min(...counts),
    constantColumns: inputs
      .flatMap((column) => column.features)
      .filter(({ min, max, missing, infinite }) => min === max && missing + infinite === 0)
      .map(({ name }) => name),
    missing: positive(values, "missing"),
    nonFinite: positive(values, "infinite"),
    ranges: Object.fromEntries(values.map(({ name, min, max }) => [name, { min, max }])),
  };
  return { ...report, toString: () => formatAudit(report) };
}

/** Collects the values of one column, element by element of a row. */
class ColumnTally {
  readonly name: string;
  readonly #spec: ColumnSpec;
  readonly #size: number;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #sum: Float64Array;
  readonly #missing: Float64Array;
  readonly #infinite: Float64Array;
  #rows = 0;

  constructor(name: string, spec: ColumnSpec) {
    this.name = name;
    this.#spec = spec;
    this.#size = rowSize(spec);
    this.#min = new Float64Array(this.#size).fill(Infinity);
    this.#max = new Float64Array(this.#size).fill(-Infinity);
    this.#sum = new Float64Array(this.#size);
    this.#missing = new Float64Array(this.#size);
    this.#infinite = new Float64Array(this.#size);
  }

  add(batch: Batch): void {
    const { data } = batch[this.name]!;
    this.#rows += rowCount(batch);
    for (let i = 0, at = 0; i < data.length; i++, at = at + 1 === this.#size ? 0 : at + 1) {
      const value = Number(data[i]);
      if (Number.isNaN(value)) this.#missing[at]!++;
      else if (!Number.isFinite(value)) this.#infinite[at]!++;
      else {
        this.#sum[at]! += value;
        if (value < this.#min[at]!) this.#min[at] = value;
        if (value > this.#max[at]!) this.#max[at] = value;
      }
    }
  }

  summary(role: ColumnSummary["role"]): ColumnSummary {
    const features = Array.from({ length: this.#size }, (_, at) => {
      return this.#summarize(this.#featureName(at), at, at + 1);
    });
    const { dtype, shape } = this.#spec;
    return { ...this.#summarize(this.name, 0, this.#size), role, dtype, shape, features };
  }

  #summarize(name: string, start: number, end: number): ValueSummary {
    const total = (values: Float64Array) => values.subarray(start, end).reduce((sum, value) => sum + value, 0);
    const missing = total(this.#missing);
    const infinite = total(this.#infinite);
    const finite = (end - start) * this.#rows - missing - infinite;
    const min = this.#min.subarray(start, end).reduce((a, b) => Math.min(a, b), Infinity);
    const max = this.#max.subarray(start, end).reduce((a, b) => Math.max(a, b), -Infinity);
    const none = finite === 0;
    return { name, min: none ? NaN : min, max: none ? NaN : max, mean: total(this.#sum) / finite, missing, infinite };
  }

  #featureName(at: number): string {
    if (this.#spec.features !== undefined) return this.#spec.features[at]!;
    return this.#spec.shape.length === 0 ? this.name : `${this.name}[${at}]`;
  }
}

/** Counts rows by the hash of their inputs. */
class RowTally {
  #rows = 0;
  readonly #seen = new Map<number, { count: number; readonly label: number; conflict: boolean }>();

  add(inputs: Float64Array, labels: Float64Array): void {
    for (const [i, key] of inputs.entries()) {
      const earlier = this.#seen.get(key);
      if (earlier === undefined) this.#seen.set(key, { count: 1, label: labels[i]!, conflict: false });
      else {
        earlier.count++;
        earlier.conflict ||= earlier.label !== labels[i];
      }
    }
    this.#rows += inputs.length;
  }

  found(): Pick<Audit, "rows" | "duplicates" | "conflictingDuplicates"> {
    const sets = [...this.#seen.values()].filter(({ count }) => count > 1);
    const conflicts = sets.filter(({ conflict }) => conflict);
    const rows = (list: readonly { count: number }[]) => list.reduce((sum, { count }) => sum + count, 0);
    return {
      rows: this.#rows,
      duplicates: { groups: sets.length, rows: rows(sets) - sets.length },
      conflictingDuplicates: { groups: conflicts.length, rows: rows(conflicts) },
    };
  }
}

function classColumn(dataset: Dataset): string | undefined {
  const label = dataset.labels[0];
  const spec = label === undefined ? undefined : dataset.columns[label];
  return spec === undefined || isFloat(spec.dtype) || spec.shape.length > 0 ? undefined : label;
}

function countClasses(
  counts: ReadonlyMap<number, number>,
  names: readonly string[] | undefined,
  rows: number,
): ClassCount[] {
  // A class that has a name is listed even when no row has it.
  const named = counts.size === 0 ? [] : (names ?? []).keys();
  const codes = [...new Set([...counts.keys(), ...named])].sort((a, b) => a - b);
  return codes.map((code) => {
    const count = counts.get(code) ?? 0;
    return { name: names?.[code] ?? String(code), count, share: count / rows };
  });
}

function roleOf(name: string, dataset: Dataset): ColumnSummary["role"] {
  if (dataset.inputs.includes(name)) return "input";
  if (dataset.labels.includes(name)) return "label";
  return dataset.sampleWeight === name ? "weight" : "other";
}

function positive(values: readonly ValueSummary[], field: "missing" | "infinite"): Record<string, number> {
  return Object.fromEntries(values.filter((value) => value[field] > 0).map((value) => [value.name, value[field]]));
}
