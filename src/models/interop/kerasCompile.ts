import { NacreError } from "../../error.js";
import * as losses from "../../losses/index.js";
import type { Loss } from "../../losses/index.js";
import * as metrics from "../../metrics/index.js";
import type { MetricLike } from "../../metrics/index.js";
import * as optimizers from "../../optimizers/index.js";
import type { Optimizer } from "../../optimizers/index.js";
import type { Serialized } from "../../registry.js";
import { Field } from "../fields.js";
import type { Model } from "../model.js";
import type { MetricsOption } from "../options.js";
import { camelCase, fromKeras, isKerasObject } from "./kerasConfig.js";
import { shortestFloat32 } from "./shortestFloat32.js";

/** What Keras puts around the optimizer of a model in half precision. */
const SCALED = "LossScaleOptimizer";

/** What a name or a stored form of one kind means. */
type Maker<T> = (stored: Serialized) => T;

/**
 * Compiles a model as the `compile_config` of its file says; without one it stays as it is.
 *
 * @throws UNSUPPORTED when it names something that is not built here
 */
export function compileFromKeras(model: Model, config: unknown): void {
  if (config === null || config === undefined) return;
  const field = new Field(config, "config.json, compile_config");
  if (Object.keys(field.record()).length === 0 || (field.at("loss").value ?? null) === null) return;
  const weights = field.at("loss_weights");
  try {
    model.compile({
      optimizer: optimizers.get(named(field.at("optimizer"), optimizerOf)),
      loss: lossesOf(field.at("loss"), model.outputNames),
      ...(weights.value === null || weights.value === undefined ? {} : { lossWeights: lossWeights(weights, model.outputNames) }),
      metrics: metricsOf(field.at("metrics"), model.outputNames),
      weightedMetrics: metricsOf(field.at("weighted_metrics"), model.outputNames),
    });
  } catch (error) {
    if (error instanceof NacreError && error.code === "UNKNOWN_NAME") throw unsupported(`${error.where} ${error.received}`, error);
    throw error;
  }
}

/** One loss for all outputs, or those of the outputs that have one. */
function lossesOf(field: Field, outputs: readonly string[]): Loss | Record<string, Loss> {
  const read = (loss: Field): Loss | null => loss.nullable((given) => losses.get(named(given, losses.deserialize)));
  if (typeof field.value === "string" || isKerasObject(field.value)) return read(field)!;
  const found = byOutput(field, outputs, read);
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, Loss] => entry[1] !== null));
}

function lossWeights(field: Field, outputs: readonly string[]): number | Record<string, number> {
  return typeof field.value === "number" ? field.value : byOutput(field, outputs, (item) => item.number());
}

/** What a list in the outputs' order holds, or an object by their names; a single output has the name of its layer there and none here. */
function byOutput<T>(field: Field, outputs: readonly string[], read: (item: Field) => T): Record<string, T> {
  const values = Array.isArray(field.value) ? field.list(read).map((item, i): [string, T] => [outputs[i] ?? `output ${i}`, item]) : Object.entries(field.map(read));
  return Object.fromEntries(outputs.length === 1 && values.length === 1 ? [[outputs[0]!, values[0]![1]]] : values);
}

/** Metrics of the one output, or by output; Keras lists them in the outputs' order where there are several. */
function metricsOf(field: Field, outputs: readonly string[]): MetricsOption {
  const { value } = field;
  if (value === null || value === undefined) return [];
  const several = (item: Field): readonly MetricLike[] =>
    item.value === null ? [] : Array.isArray(item.value) ? item.list(several).flat() : [named(item, metrics.deserialize, keyOf(item)) as MetricLike];
  return Array.isArray(value) && outputs.length === 1 ? several(field) : byOutput(field, outputs, several);
}

/** A name as it is, or the object of a stored form, with further options. */
function named<T>(field: Field, make: Maker<T>, more: object = {}): string | T {
  if (!isKerasObject(field.value)) return field.text();
  // A function of Keras is stored by its name alone.
  if (field.value.class_name === "function") return field.at("config").text();
  const { className, config } = fromKeras(field.value, { keepName: false });
  return make({ className, config: { ...config, ...more } });
}

/** What results call a metric, in our spelling. */
function keyOf(item: Field): { readonly name?: string } {
  if (!isKerasObject(item.value) || item.value.class_name === "function") return {};
  const name = item.at("config").at("name").optional((text) => text.text()) ?? undefined;
  return name === undefined ? {} : { name: camelCase(name) };
}

/** Keras stores a learning rate as its float32, which stands for a shorter number. In single precision there is no use for scaling the loss. */
function optimizerOf({ className, config }: Serialized): Optimizer {
  if (className === SCALED) return optimizerOf(config["innerOptimizer"] as Serialized);
  const { learningRate } = config;
  return optimizers.deserialize({ className, config: typeof learningRate === "number" ? { ...config, learningRate: shortestFloat32(learningRate) } : config });
}

function unsupported(received: string, cause?: unknown): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: "Keras model, compile_config",
    expected: "an optimizer, losses and metrics that are built here",
    received,
    fix: "load the model without them, load(path, { compile: false }), and compile it here",
    cause,
  });
}
