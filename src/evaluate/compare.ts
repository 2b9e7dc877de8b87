import { checkClassIds, needArrays } from "./classIds.js";

/** What a model gains over a baseline on the same rows. */
export interface Comparison {
  readonly accuracy: number;
  readonly baselineAccuracy: number;
  /** `accuracy - baselineAccuracy`. */
  readonly gain: number;
  /** Rows that only the model gets right. */
  readonly onlyModelRight: number;
  /** Rows that only the baseline gets right. */
  readonly onlyBaselineRight: number;
  /** Chance of a difference at least this large if both were equally good (two-sided). */
  readonly pValue: number;
}

/** What {@link compareToBaseline} takes: classes from 0, one a row. */
export interface ComparisonInput {
  /** The true classes. */
  readonly labels: ArrayLike<number>;
  /** The classes that the model gives. */
  readonly predictions: ArrayLike<number>;
  /** The classes that the other model gives. */
  readonly baseline: ArrayLike<number>;
}

/**
 * Compares two classifiers on the same rows by McNemar's exact test:
 * p = min(1, 2·P(X ≤ min(b, c))) with X ~ Binomial(b + c, ½), where b and c count the rows
 * that only one of the two gets right.
 *
 * @throws SHAPE_MISMATCH when the three arrays differ in length
 * @throws LABEL_RANGE when an entry is not a class number
 * @example
 * compareToBaseline({ labels: [0, 1, 1], predictions: [0, 1, 1], baseline: [0, 0, 0] }).gain; // 0.667
 */
export function compareToBaseline(input: ComparisonInput): Comparison {
  const where = "compareToBaseline";
  needArrays(where, input, ["labels", "predictions", "baseline"]);
  const { labels, predictions, baseline } = input;
  const rows = labels.length;
  checkClassIds(where, "labels", labels, Infinity, rows);
  checkClassIds(where, "predictions", predictions, Infinity, rows);
  checkClassIds(where, "baseline predictions", baseline, Infinity, rows);

  let both = 0;
  let onlyModelRight = 0;
  let onlyBaselineRight = 0;
  for (let row = 0; row < rows; row++) {
    const model = predictions[row] === labels[row];
    const other = baseline[row] === labels[row];
    if (model && other) both++;
    else if (model) onlyModelRight++;
    else if (other) onlyBaselineRight++;
  }
  return {
    accuracy: (both + onlyModelRight) / rows,
    baselineAccuracy: (both + onlyBaselineRight) / rows,
    gain: (onlyModelRight - onlyBaselineRight) / rows,
    onlyModelRight,
    onlyBaselineRight,
    pValue: Math.min(1, 2 * lowerTail(Math.min(onlyModelRight, onlyBaselineRight), onlyModelRight + onlyBaselineRight)),
  };
}

/** P(X ≤ k) for X ~ Binomial(n, ½), in logarithms so that no n underflows. */
function lowerTail(k: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i);
    sum += Math.exp(logTerm);
  }
  return sum;
}
