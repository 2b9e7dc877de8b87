import { NacreError } from "../error.js";
import { checkClassIds, checkRows, needArrays } from "./classIds.js";
import { type Probabilities, argmax, readProbabilities } from "./probabilities.js";

/** Rows whose confidence lies from `from` up to `to`. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean probability of the predicted class; NaN in an empty bin. */
  readonly confidence: number;
  /** Share of right predictions; NaN in an empty bin. */
  readonly accuracy: number;
}

/** Whether a classifier is as often right as it is sure. */
export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /** Expected calibration error: Σ rows/all · |accuracy − confidence| over the bins. */
  readonly error: number;
}

/** What {@link calibration} takes. */
export interface CalibrationInput {
  /** True classes, from 0. */
  readonly labels: ArrayLike<number>;
  /** One row of probabilities for each row of data. */
  readonly probabilities: Probabilities;
  /** Number of classes. */
  readonly classes: number;
  /** Number of equally wide bins, from 1; default 10. */
  readonly bins?: number;
}

/**
 * Compares confidence (the probability of the predicted class) with accuracy, in bins of equal width.
 *
 * @throws LABEL_RANGE when a label is not a class
 * @throws BAD_DATA when a value is not a probability
 * @example
 * calibration({ labels: [0, 1], probabilities: [[0.9, 0.1], [0.4, 0.6]], classes: 2 }).error; // 0.25
 */
export function calibration(input: CalibrationInput): Calibration {
  const where = "calibration";
  needArrays(where, input, ["labels", "probabilities"]);
  const { labels, probabilities, classes, bins: count = 10 } = input;
  if (!Number.isInteger(count) || count < 1) {
    throw new NacreError({ code: "BAD_ARGUMENT", where, expected: "a whole number of bins from 1", received: `${count}` });
  }
  const table = readProbabilities(where, probabilities, classes);
  checkClassIds(where, "labels", labels, classes, labels.length);
  checkRows(where, "rows of probabilities", table.rows, labels.length);

  const sums = Array.from({ length: count }, () => ({ rows: 0, confidence: 0, right: 0 }));
  argmax(table, classes).forEach((predicted, row) => {
    const confidence = table.at(row, predicted);
    const bin = sums[Math.min(count - 1, Math.max(0, Math.floor(confidence * count)))]!;
    bin.rows++;
    bin.confidence += confidence;
    if (predicted === labels[row]) bin.right++;
  });
  return {
    bins: sums.map(({ rows, confidence, right }, i) => ({
      from: i / count,
      to: (i + 1) / count,
      rows,
      confidence: confidence / rows,
      accuracy: right / rows,
    })),
    error: sums.reduce((sum, { confidence, right }) => sum + Math.abs(right - confidence), 0) / labels.length,
  };
}
