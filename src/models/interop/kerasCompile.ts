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
  if (hasAny(field.at("weighted_metrics").value)) throw unsupported("weighted_metrics");
  const weights = field.at("loss_weights");
  try {
    model.compile({
      optimizer: optimizers.get(named(field.at("optimizer"), optimizerOf)),
      loss: lossesOf(field.at("loss"), model.outputNames),
      ...(weights.value === null || weights.value === undefined ? {} : { lossWeights: lossWeights(weights) }),
      metrics: metricsOf(field.at("metrics"), model.outputNames),
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
  const found = Array.isArray(field.value) ? Object.fromEntries(field.list(read).map((loss, i) => [outputs[i] ?? `output ${i}`, loss])) : field.map(read);
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, Loss] => entry[1] !== null));
}

function lossWeights(field: Field): number | number[] | Record<string, number> {
  return typeof field.value === "number" ? field.value : Array.isArray(field.value) ? field.list((item) => item.number()) : field.map((item) => item.number());
}

/** Metrics of the one output, or by output; Keras lists them in the outputs' order where there are several. */
function metricsOf(field: Field, outputs: readonly string[]): MetricsOption {
  const { value } = field;
  if (value === null || value === undefined) return [];
  const several = (item: Field): readonly MetricLike[] =>
    item.value === null ? [] : Array.isArray(item.value) ? item.list(several).flat() : [named(item, metrics.deserialize, keyOf(item)) as MetricLike];
  if (!Array.isArray(value)) return field.map(several);
  if (outputs.length === 1) return several(field);
  return Object.fromEntries(field.list(several).map((list, i) => [outputs[i] ?? `output ${i}`, list]));
}

/** A name as it is, or the object of a stored form, with further options. */
function named<T>(field: Field, make: Maker<T>, more: object = {}): string | T {
  if (!isKerasObject(field.value)) return field.text();
  const { className, config } = fromKeras(field.value, { keepName: false });
  return make({ className, config: { ...config, ...more } });
}

/** What results call a metric, in our spelling. */
function keyOf(item: Field): { readonly name?: string } {
  if (!isKerasObject(item.value)) return {};
  const name = item.at("config").at("name").optional((text) => text.text()) ?? undefined;
  return name === undefined ? {} : { name: camelCase(name) };
}

/** Keras stores a learning rate as its float32, which stands for a shorter number. */
function optimizerOf({ className, config }: Serialized): Optimizer {
  const { learningRate } = config;
  return optimizers.deserialize({ className, config: typeof learningRate === "number" ? { ...config, learningRate: shortestFloat32(learningRate) } : config });
}

function hasAny(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).some((item) => item !== null && (!Array.isArray(item) || hasAny(item)));
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
