import { NacreError } from "../error.js";
import { needArrays, checkClassIds, checkRows } from "./classIds.js";
import { confusionMatrix } from "./confusion.js";
import { type Interval, wilsonInterval } from "./interval.js";
import { type Probabilities, type ProbabilityTable, argmax, readProbabilities } from "./probabilities.js";

/** What {@link classificationReport} takes. */
export interface ClassificationInput {
  /** True classes, from 0. */
  readonly labels: ArrayLike<number>;
  /** Class probabilities; the prediction is the most probable class. Give these or `predictions`. */
  readonly probabilities?: Probabilities;
  /** Predicted classes, from 0. Give these or `probabilities`. */
  readonly predictions?: ArrayLike<number>;
  /** A name for each class, in order. */
  readonly classNames: readonly string[];
}

/** How one class fares. A ratio without any rows below the line is 0, as in scikit-learn. */
export interface ClassScores {
  readonly name: string;
  /** Share of the rows predicted as this class that are of it. */
  readonly precision: number;
  /** Share of the rows of this class that are predicted as it. */
  readonly recall: number;
  /** 2·precision·recall / (precision + recall). */
  readonly f1: number;
  /** Rows of this class. */
  readonly support: number;
}

/** A kind of mistake. */
export interface ConfusedPair {
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
  /** `count` as a share of the rows of class `label`. */
  readonly share: number;
}

/** A row with a wrong prediction. */
export interface WrongRow {
  readonly row: number;
  readonly label: number;
  readonly predicted: number;
  /** Probability given to the predicted class. */
  readonly confidence: number;
  /** Probability given to the true class. */
  readonly labelProbability: number;
}

/** How good a classifier is on some rows; plain data apart from `mostWrong`. */
export interface ClassificationReport {
  readonly classNames: readonly string[];
  readonly rows: number;
  readonly correct: number;
  readonly accuracy: number;
  /** The 95 % Wilson interval of the accuracy. */
  readonly accuracyInterval: Interval;
  /** Mean recall over the classes that have rows. */
  readonly balancedAccuracy: number;
  /** Unweighted means over all classes. */
  readonly macro: { readonly precision: number; readonly recall: number; readonly f1: number };
  readonly perClass: readonly ClassScores[];
  /** Rows counted by true class, then by predicted class. */
  readonly confusion: readonly (readonly number[])[];
  /** All kinds of mistakes that were made, the commonest first. */
  readonly confusedPairs: readonly ConfusedPair[];
  /**
   * The `count` wrong rows of the highest confidence, the surest first.
   *
   * @throws BAD_ARGUMENT when the report was made without probabilities
   */
  mostWrong(count: number): WrongRow[];
}

/**
 * Judges a classifier by its predictions for rows of known class.
 *
 * @throws BAD_ARGUMENT when not exactly one of `probabilities` and `predictions` is given
 * @throws LABEL_RANGE when a label or prediction is not a class
 * @throws SHAPE_MISMATCH when lengths differ
 * @throws BAD_DATA when a value is not a probability
 * @example
 * const report = classificationReport({ labels: [0, 1], predictions: [0, 0], classNames: ["cat", "dog"] });
 * console.log(formatClassificationReport(report));
 */
export function classificationReport(input: ClassificationInput): ClassificationReport {
  const where = "classificationReport";
  needArrays(where, input, ["labels", "classNames"]);
  const { labels, classNames } = input;
  checkClassIds(where, "labels", labels, classNames.length, labels.length);
  const { predictions, table } = readPredictions(where, input);

  const confusion = confusionMatrix(labels, predictions, classNames.length);
  const perClass = classNames.map((name, id) => scoresOf(name, id, confusion));
  const correct = confusion.reduce((sum, counts, id) => sum + counts[id]!, 0);
  const present = perClass.filter(({ support }) => support > 0);
  return {
    classNames,
    rows: labels.length,
    correct,
    accuracy: correct / labels.length,
    accuracyInterval: wilsonInterval(correct, labels.length),
    balancedAccuracy: mean(present.map(({ recall }) => recall)),
    macro: {
      precision: mean(perClass.map(({ precision }) => precision)),
      recall: mean(perClass.map(({ recall }) => recall)),
      f1: mean(perClass.map(({ f1 }) => f1)),
    },
    perClass,
    confusion,
    confusedPairs: confusedPairs(confusion),
    mostWrong: (count) => mostWrong(labels, predictions, table, count),
  };
}

function readPredictions(
  where: string,
  { labels, probabilities, predictions, classNames }: ClassificationInput,
): { predictions: ArrayLike<number>; table: ProbabilityTable | undefined } {
  if (probabilities !== undefined && predictions === undefined) {
    const table = readProbabilities(where, probabilities, classNames.length);
    checkRows(where, "rows of probabilities", table.rows, labels.length);
    return { predictions: argmax(table, classNames.length), table };
  }
  if (predictions !== undefined && probabilities === undefined) {
    checkClassIds(where, "predictions", predictions, classNames.length, labels.length);
    return { predictions, table: undefined };
  }
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "either probabilities or predictions",
    received: predictions === undefined ? "neither" : "both",
    fix: "give probabilities where you have them; predictions follow from them",
  });
}

function scoresOf(name: string, id: number, confusion: readonly (readonly number[])[]): ClassScores {
  const hits = confusion[id]![id]!;
  const support = confusion[id]!.reduce((sum, count) => sum + count, 0);
  const predicted = confusion.reduce((sum, counts) => sum + counts[id]!, 0);
  return {
    name,
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, support + predicted),
    support,
  };
}

function confusedPairs(confusion: readonly (readonly number[])[]): ConfusedPair[] {
  const pairs = confusion.flatMap((counts, label) => {
    const support = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count, predicted) => ({ label, predicted, count, share: ratio(count, support) }));
  });
  return pairs
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share);
}

function mostWrong(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  table: ProbabilityTable | undefined,
  count: number,
): WrongRow[] {
  if (table === undefined) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "mostWrong",
      expected: "a report made from probabilities",
      received: "one made from predictions, which carry no confidence",
      fix: "pass probabilities to classificationReport",
    });
  }
  const wrong: WrongRow[] = [];
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    const predicted = predictions[row]!;
    if (label === predicted) continue;
    wrong.push({ row, label, predicted, confidence: table.at(row, predicted), labelProbability: table.at(row, label) });
  }
  return wrong.sort((a, b) => b.confidence - a.confidence).slice(0, count);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
