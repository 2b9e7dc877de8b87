import { NacreError } from "../error.js";
import { checkRows, needArray } from "./classIds.js";

/** Class probabilities: one array a row, or all rows after each other in one flat array. */
export type Probabilities = ArrayLike<number> | readonly ArrayLike<number>[];

/** Rounding in float32 softmax stays far below this. */
const SLACK = 1e-4;

/** Probabilities that have been checked, read by row and class. */
export interface ProbabilityTable {
  readonly rows: number;
  readonly at: (row: number, id: number) => number;
}

/** Checks that `values` are probabilities of `classes` classes in each row. */
export function readProbabilities(where: string, values: Probabilities, classes: number): ProbabilityTable {
  needArray(`${where} probabilities`, values);
  const nested = isNested(values);
  const rows = nested ? values.length : values.length / classes;
  if (!Number.isInteger(rows)) {
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where,
      expected: `a multiple of ${classes} probabilities, one for each class`,
      received: String(values.length),
      fix: "give one probability per class and row; for a single sigmoid output p use [1 - p, p]",
    });
  }
  const at = nested
    ? (row: number, id: number) => values[row]![id]!
    : (row: number, id: number) => values[row * classes + id]!;
  for (let row = 0; row < rows; row++) {
    if (nested) checkRows(where, `probabilities in row ${row}`, values[row]!.length, classes);
    for (let id = 0; id < classes; id++) checkProbability(where, at(row, id), row);
  }
  return { rows, at };
}

/**
 * The class of the highest probability in each row; the first one where several are equal.
 *
 * @throws BAD_DATA when a value is not a probability
 * @example
 * predictedClasses([[0.1, 0.9], [0.8, 0.2]], 2); // [1, 0]
 */
export function predictedClasses(probabilities: Probabilities, classes: number): number[] {
  return argmax(readProbabilities("predictedClasses", probabilities, classes), classes);
}

/** The class of the highest probability in each row. */
export function argmax({ rows, at }: ProbabilityTable, classes: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let id = 1; id < classes; id++) if (at(row, id) > at(row, best)) best = id;
    return best;
  });
}

function isNested(values: Probabilities): values is readonly ArrayLike<number>[] {
  return typeof values[0] === "object";
}

function checkProbability(where: string, value: number, row: number): void {
  if (value >= -SLACK && value <= 1 + SLACK) return;
  throw new NacreError({
    code: Number.isFinite(value) ? "BAD_DATA" : "NON_FINITE",
    where,
    expected: "probabilities from 0 to 1",
    received: `${value} in row ${row}`,
    fix: Number.isFinite(value)
      ? "apply softmax to the logits first"
      : "look for the layer that made it; a lower learning rate often helps",
  });
}
