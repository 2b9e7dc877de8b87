import { NacreError } from "../error.js";
import { checkClassIds } from "./classIds.js";

/**
 * Counts rows by true class (row of the matrix) and predicted class (column).
 *
 * @param classes number of classes, from 1
 * @throws LABEL_RANGE when a label or prediction is not a class
 * @throws SHAPE_MISMATCH when there are not as many predictions as labels
 * @example
 * confusionMatrix([0, 0, 1], [0, 1, 1], 2); // [[1, 1], [0, 1]]
 */
export function confusionMatrix(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: number): number[][] {
  const where = "confusionMatrix";
  if (!Number.isInteger(classes) || classes < 1) {
    throw new NacreError({ code: "BAD_ARGUMENT", where, expected: "a whole number of classes from 1", received: `${classes}` });
  }
  checkClassIds(where, "labels", labels, classes, labels.length);
  checkClassIds(where, "predictions", predictions, classes, labels.length);
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let row = 0; row < labels.length; row++) matrix[labels[row]!]![predictions[row]!]!++;
  return matrix;
}
