import { NacreError } from "../../error.js";
import type { Serialized } from "../../registry.js";

/** An object as Keras stores it. Files are untrusted, so nothing of it is taken for granted. */
export interface KerasObject {
  readonly class_name: string;
  readonly config: unknown;
  /** Where Keras found the class, such as `keras.layers`. */
  readonly module?: string | null;
}

/** How {@link fromKeras} reads an object. */
export interface FromKerasOptions {
  /** Whether the object's own name is kept, as for layers. Default true unless its module says otherwise. */
  readonly keepName?: boolean;
}

/** Options that concern Keras alone. */
const BOOKKEEPING = new Set(["dtype", "quantizationConfig", "isLegacyOptimizer", "jitCompile"]);

/** Modules whose objects have a name that means nothing outside of Keras. */
const NAMELESS = /^keras\.(src\.)?(constraints|initializers|losses|metrics|optimizers|regularizers)\b/;

/** Options whose values are words that we spell in camelCase. */
export const WORDS = new Set([
  "activation",
  "classAggregation",
  "dataFormat",
  "distribution",
  "mode",
  "outputMode",
  "recurrentActivation",
  "reduction",
]);

/** No configuration of Keras nests deeper; a file that does would overflow the stack. */
const MAX_DEPTH = 100;

/**
 * Our stored form of an object from a Keras file: options in camelCase, nested objects alike, and
 * without what concerns Keras alone.
 *
 * @throws BAD_FILE when it is not an object with a class name and a configuration
 * @example
 * fromKeras({ class_name: "SGD", config: { learning_rate: 0.1, dtype: null } }); // { className: "SGD", config: { learningRate: 0.1 } }
 */
export function fromKeras(object: KerasObject, options: FromKerasOptions = {}): Serialized {
  if (!isKerasObject(object)) throw notAnObject(object);
  return convertObject(object, options.keepName ?? keepsName(object), 0);
}

/** `beta_1` → `beta1`, `sum_over_batch_size` → `sumOverBatchSize`. */
export function camelCase(name: string): string {
  return name.replaceAll(/(?<=[a-zA-Z0-9])_+([a-zA-Z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function convertObject(object: KerasObject, keepName: boolean, depth: number): Serialized {
  if (!isRecord(object.config)) throw notAnObject(object);
  const entries = Object.entries(object.config)
    .map(([key, value]) => [camelCase(key), value] as const)
    .filter(([key]) => !BOOKKEEPING.has(key) && (keepName || key !== "name"))
    .map(([key, value]) => [key, convert(value, WORDS.has(key), depth + 1)]);
  return { className: object.class_name, config: Object.fromEntries(entries) as Record<string, unknown> };
}

function convert(value: unknown, word: boolean, depth: number): unknown {
  if (depth > MAX_DEPTH) throw notAnObject("objects nested more than 100 deep");
  if (typeof value === "string") return word ? camelCase(value) : value;
  if (Array.isArray(value)) return value.map((item) => convert(item, word, depth + 1));
  if (!isRecord(value)) return value;
  if (value["class_name"] === "__tuple__") return convert(value["items"], word, depth + 1);
  // A plain function, such as an activation, is stored by its name alone.
  if (value["class_name"] === "function") return convert(value["config"], true, depth + 1);
  if (isKerasObject(value)) return convertObject(value, keepsName(value), depth);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), convert(item, false, depth + 1)]));
}

function keepsName({ module }: KerasObject): boolean {
  return typeof module !== "string" || !NAMELESS.test(module);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value has a class name and a configuration. */
export function isKerasObject(value: unknown): value is KerasObject {
  return isRecord(value) && typeof value["class_name"] === "string" && "config" in value;
}

function notAnObject(received: unknown): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "Keras configuration",
    expected: "an object with class_name and config",
    received: (JSON.stringify(received) ?? String(received)).slice(0, 100),
    fix: "save the model again with Keras 3",
  });
}
