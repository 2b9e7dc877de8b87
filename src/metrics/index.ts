import type { NamesOf, Serialized } from "../registry.js";
import type { Shape } from "../tensor/shape.js";
import type * as all from "./all.js";
import { type Metric, registry } from "./metric.js";
import { accuracyFor } from "./resolve.js";

export * from "./all.js";
export { type MeanMetricDefinition, defineMeanMetric } from "./meanMetric.js";
export { type Metric, type MetricDefinition, type MetricOptions, type Sums, defineMetric } from "./metric.js";
export { accuracyFor } from "./resolve.js";

/** The names of the built-in metrics. */
export type MetricName = NamesOf<typeof all> | "acc" | "mse" | "mae" | "mape" | "msle" | "bce";

/** What an entry of a `metrics` option takes. */
export type MetricLike = MetricName | Metric;

/**
 * The metric of a name in any spelling, such as `mean_squared_error`, with default options, or of a stored form.
 *
 * @throws UNKNOWN_NAME when no metric has the name
 * @example
 * console.log(metrics.get("auc").className); // AUC
 */
export function get(identifier: MetricLike | (string & {}) | Serialized): Metric {
  return registry.get(identifier);
}

/**
 * Like {@link get}, but `"accuracy"` and `"acc"` mean the accuracy that fits the shapes of labels
 * and predictions.
 *
 * @throws UNKNOWN_NAME when no metric has the name
 * @example
 * console.log(metrics.getFor("accuracy", [32], [32, 10]).className); // SparseCategoricalAccuracy
 */
export function getFor(identifier: MetricLike | (string & {}) | Serialized, yTrue: Shape, yPred: Shape): Metric {
  return identifier === "accuracy" || identifier === "acc" ? accuracyFor(yTrue, yPred, identifier) : get(identifier);
}

/**
 * The stored form of a metric. @throws UNSUPPORTED when its class is not registered
 * @example
 * console.log(metrics.serialize(metrics.get("auc")).className); // AUC
 */
export function serialize(metric: Metric): Serialized {
  return registry.serialize(metric);
}

/**
 * The metric of a stored form. @throws UNKNOWN_NAME when its class is not registered
 * @example
 * console.log(metrics.deserialize({ className: "AUC", config: {} }).className); // AUC
 */
export function deserialize(stored: Serialized): Metric {
  return registry.deserialize(stored);
}

/**
 * All class names, aliases left out.
 * @example
 * console.log(metrics.names().includes("AUC")); // true
 */
export function names(): readonly string[] {
  return registry.names;
}
