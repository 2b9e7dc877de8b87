import { NacreError } from "../error.js";
import type { ReportLayout } from "./program.js";
import type { StepReport } from "./stepper.js";

/** Results by name: `loss`, and each metric. */
export type Logs = Record<string, number>;

/** Sums what batches report, in float64, into the results of an epoch. */
export class Totals {
  #rows: number;
  readonly #losses: Map<string, number>;
  readonly #stats: Map<string, Record<string, Float64Array>>;
  #layout: ReportLayout | undefined;

  /** Goes on from {@link state} where one is given. */
  constructor(from?: TotalsState) {
    this.#rows = from?.rows ?? 0;
    this.#losses = new Map(Object.entries(from?.losses ?? {}));
    this.#stats = new Map(
      Object.entries(from?.stats ?? {}).map(([key, sums]) => [
        key,
        Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Float64Array.from(sum)])),
      ]),
    );
  }

  get rows(): number {
    return this.#rows;
  }

  /** Tells how results follow from the sums, which stored sums alone do not. */
  expect(layout: ReportLayout): void {
    this.#layout = layout;
    const fits = layout.metrics.every(({ key, stats }) =>
      stats.every(({ name, size }) => this.#stats.get(key)?.[name]?.length === size),
    );
    if (!fits || layout.losses.some(({ name }) => !this.#losses.has(name))) throw otherSums();
  }

  /** Adds one batch: losses weigh by rows, statistics add up. */
  add({ values, layout, rows }: StepReport): void {
    if (this.#layout === undefined && this.#rows > 0) this.expect(layout);
    this.#layout = layout;
    this.#rows += rows;
    for (const { name, offset } of layout.losses) {
      this.#losses.set(name, (this.#losses.get(name) ?? 0) + values[offset]! * rows);
    }
    for (const { key, stats } of layout.metrics) {
      const sums = this.#stats.get(key) ?? {};
      for (const { name, offset, size } of stats) {
        const sum = (sums[name] ??= new Float64Array(size));
        for (let i = 0; i < size; i++) sum[i]! += values[offset + i]!;
      }
      this.#stats.set(key, sums);
    }
  }

  /** Losses as means over rows, and each metric's result. A metric with several results gets numbered keys. */
  results(prefix = ""): Logs {
    const logs: Logs = {};
    for (const [name, sum] of this.#losses) logs[prefix + name] = sum / this.#rows;
    for (const { key, metric } of this.#layout?.metrics ?? []) {
      const result = metric.result(this.#stats.get(key)!);
      if (typeof result === "number") logs[prefix + key] = result;
      else result.forEach((value, i) => (logs[`${prefix}${key}_${i}`] = value));
    }
    return logs;
  }

  /** What a checkpoint in the middle of an epoch must hold. */
  state(): TotalsState {
    return {
      rows: this.#rows,
      losses: Object.fromEntries(this.#losses),
      stats: Object.fromEntries(
        [...this.#stats].map(([key, sums]) => [
          key,
          Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, [...sum]])),
        ]),
      ),
    };
  }
}

function otherSums(): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "fit resume",
    expected: "running sums of this model's losses and metrics",
    received: "sums of others",
    fix: "the file was edited; take another copy, or pass resume: false to start anew",
  });
}

/** Running sums as plain data. */
export interface TotalsState {
  readonly rows: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly stats: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}
