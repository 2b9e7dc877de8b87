import type { Shape } from "../tensor/shape.js";
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from "./accuracy.js";
import type { Metric } from "./metric.js";

/**
 * The accuracy that `"accuracy"` means for labels and predictions of these shapes: binary for one
 * prediction per sample, sparse for class indices, else categorical.
 *
 * @example
 * console.log(metrics.accuracyFor([32, 1], [32, 1]).className); // BinaryAccuracy
 */
export function accuracyFor(yTrue: Shape, yPred: Shape, name = "accuracy"): Metric {
  const classes = yPred.at(-1);
  if (yPred.length < 2 || classes === 1) return binaryAccuracy({ name });
  if (yTrue.length < yPred.length || yTrue.at(-1) === 1) return sparseCategoricalAccuracy({ name });
  return categoricalAccuracy({ name });
}
