import type { Serialized } from "../../registry.js";
import { WORDS, type KerasObject } from "./kerasConfig.js";

/** Options whose objects Keras finds in a module of its own, by how the option's name ends. */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [/initializer$/i, "keras.initializers"],
  [/regularizer$/i, "keras.regularizers"],
  [/constraint$/i, "keras.constraints"],
  [/^learningRate$/, "keras.optimizers.schedules"],
];

/** An object as Keras stores it, complete. */
export interface StoredKerasObject extends KerasObject {
  readonly module: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly registered_name: string | null;
}

/** A stored form of ours as Keras's, from the module that has the class there. */
export function toKeras({ className, config }: Serialized, module: string): StoredKerasObject {
  return { module, class_name: className, config: toKerasOptions(config), registered_name: null };
}

/** Options by Keras's names, with words spelled as there. */
export function toKerasOptions(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([option, value]) => [snakeCase(option), optionValue(option, value)]));
}

function optionValue(option: string, value: unknown): unknown {
  if (typeof value === "string") return WORDS.has(option) || /activation$/i.test(option) ? snakeCase(value) : value;
  const module = MODULES.find(([ending]) => ending.test(option))?.[1];
  return module !== undefined && isSerialized(value) ? toKeras(value, module) : value;
}

/** `sumOverBatchSize` → `sum_over_batch_size`, `sparseYTrue` → `sparse_y_true`, `beta1` → `beta_1`; `l1` and `relu6` stay. */
export function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]|(?<=[a-z][A-Z])[A-Z](?=[a-z])/g, (letter) => `_${letter.toLowerCase()}`).replace(/(^|_)(beta|epsilon)(?=\d)/, "$1$2_");
}

function isSerialized(value: unknown): value is Serialized {
  return typeof value === "object" && value !== null && "className" in value && "config" in value;
}
