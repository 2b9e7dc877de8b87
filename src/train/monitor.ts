import { NacreError, nearestName } from "../error.js";
import type { FitContext } from "./callback.js";
import type { Logs } from "./totals.js";

/** Whether smaller or larger is better. `"auto"` takes larger for accuracies, AUC and the like. */
export type MonitorMode = "auto" | "min" | "max";

const LARGER_IS_BETTER = /acc|auc|precision|recall|f1|fbeta|iou|r2|similarity|correlation/i;

/** Whether a result is better the larger it is, going by its name. */
export function largerIsBetter(name: string): boolean {
  return LARGER_IS_BETTER.test(name);
}

const VALIDATE = "give fit validation data";

/** Watches one result and tells when it has improved. */
export class Monitor {
  readonly name: string;
  best: number;
  readonly #sign: number;
  readonly #minDelta: number;

  constructor(name: string, mode: MonitorMode = "auto", minDelta = 0) {
    this.name = name;
    const up = mode === "max" || (mode === "auto" && largerIsBetter(name));
    this.#sign = up ? 1 : -1;
    this.#minDelta = Math.abs(minDelta);
    this.best = up ? -Infinity : Infinity;
  }

  /** Takes note of an epoch's result; true when it is the best so far by more than the least difference. */
  improved(logs: Logs, where: string): boolean {
    const value = this.valueIn(logs, where);
    if (!this.isBetter(value, this.best)) return false;
    this.best = value;
    return true;
  }

  /** Whether a value is better than another by more than the least difference. */
  isBetter(value: number, other: number): boolean {
    return (value - other) * this.#sign > this.#minDelta;
  }

  /** Refuses to watch a validation that there will not be, before the first epoch is spent; other names may be results of callbacks. */
  checkBegin({ validates }: Pick<FitContext, "validates">, where: string): void {
    if (!validates && this.name === "val_loss") throw this.#unknown(where, "a result of training, such as loss", VALIDATE);
  }

  valueIn(logs: Logs, where: string): number {
    const value = logs[this.name];
    if (value !== undefined) return value;
    const names = Object.keys(logs);
    const unvalidated = this.name.startsWith("val_") && !names.some((name) => name.startsWith("val_"));
    throw this.#unknown(where, `one of ${names.join(", ")}`, unvalidated ? VALIDATE : `did you mean "${nearestName(this.name, names)}"?`);
  }

  #unknown(where: string, expected: string, fix: string): NacreError {
    return new NacreError({ code: "UNKNOWN_NAME", where, expected: `monitor to be ${expected}`, received: `"${this.name}"`, fix });
  }
}
