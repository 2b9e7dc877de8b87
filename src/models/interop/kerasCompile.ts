import { NacreError } from "../../error.js";
import type { Serialized } from "../../registry.js";
import { Field } from "../fields.js";
import type { Model } from "../model.js";
import type { CompileOptions } from "../options.js";
import { fromKeras, isKerasObject } from "./kerasConfig.js";

type Named = string | Serialized;

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
  const weights = field.at("loss_weights").value;
  try {
    model.compile({
      optimizer: named(field.at("optimizer")),
      loss: perOutput(field.at("loss"), named),
      ...(weights === null || weights === undefined ? {} : { lossWeights: weights }),
      metrics: metricsOf(field.at("metrics"), model.outputNames),
    } as unknown as CompileOptions);
  } catch (error) {
    if (error instanceof NacreError && error.code === "UNKNOWN_NAME") throw unsupported(`${error.where} ${error.received}`, error);
    throw error;
  }
}

/** Something for all outputs, or a list or object with one for each. */
function perOutput<T>(field: Field, read: (item: Field) => T): T | T[] | Record<string, T> {
  if (Array.isArray(field.value)) return field.list(read);
  return typeof field.value === "string" || isKerasObject(field.value) ? read(field) : field.map(read);
}

/** Metrics of the one output, or by output; Keras lists them in the outputs' order where there are several. */
function metricsOf(field: Field, outputs: readonly string[]): readonly Named[] | Record<string, readonly Named[]> {
  const { value } = field;
  if (value === null || value === undefined) return [];
  const several = (item: Field): readonly Named[] =>
    item.value === null ? [] : Array.isArray(item.value) ? item.list(several).flat() : [named(item)];
  if (!Array.isArray(value)) return field.map(several);
  if (outputs.length === 1) return several(field);
  return Object.fromEntries(field.list(several).map((metrics, i) => [outputs[i] ?? `output ${i}`, metrics]));
}

function named(field: Field): Named {
  return isKerasObject(field.value) ? fromKeras(field.value, { keepName: false }) : field.text();
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
