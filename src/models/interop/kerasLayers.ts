import { NacreError } from "../../error.js";
import { layerClassNames, layerFactory, layerOptions } from "../../layers/define.js";
import "../../layers/index.js";
import type { Layer } from "../../layers/layer.js";
import { layerFromConfig } from "../config.js";
import { type KerasObject, fromKeras, isKerasObject } from "./kerasConfig.js";

/** Options of Keras that say how it computes, or what it draws, and not what the layer is. */
const EXECUTION = new Set(["autocast", "flashAttention", "implementation", "seed", "unroll", "useCudnn"]);

/** Modules whose objects are no layers, whatever their names. */
const ROOMS = /^keras\.(src\.)?(constraints|dtype_policies|initializers|losses|metrics|optimizers|regularizers)\b/;

/** Makes a layer from an object that may be a model too. */
export type LayerMaker = (object: KerasObject) => Layer;

/**
 * The layer that an object of a Keras file describes; `inner` makes those among its options.
 *
 * @throws UNSUPPORTED naming layer and class when it is not built here, holds Python code, or has an option that we lack
 */
export function layerFromKeras(object: KerasObject, inner: LayerMaker = layerFromKeras): Layer {
  const { class_name: className, config } = object;
  if (typeof config !== "object" || config === null) return notBuilt(object, "a layer without a configuration");
  if (className === "Lambda") return notBuilt(object, "Python code");
  const own = layerOptions(className);
  if (own === undefined) return notBuilt(object, `class ${className}`);
  const held = new Map<string, unknown>();
  const plain: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(config)) {
    if (holdsLayer(value)) held.set(option, Array.isArray(value) ? value.map((item) => inner(item as KerasObject)) : inner(value as KerasObject));
    else plain[option] = value;
  }
  refusePython(object, plain);
  const layers = fromKeras({ class_name: className, config: Object.fromEntries([...held.keys()].map((option) => [option, null])) }).config;
  const converted = fromKeras({ class_name: className, config: plain }, { keepName: true }).config;
  // Some layers of Keras do not store whether they are trainable.
  const { name, trainable = true, ...options } = converted as { name?: string; trainable?: boolean };
  const kept = Object.entries(options).filter(([option, value]) => own.includes(option) || !isOff(option, value, options));
  Object.keys(layers).forEach((option, i) => kept.push([option, [...held.values()][i] as never]));
  const strange = kept.find(([option]) => !own.includes(option));
  if (strange !== undefined) return notBuilt(object, `option ${strange[0]}: ${JSON.stringify(strange[1]) ?? "of another kind"}`);
  return layerFromConfig({ className, name: name as string, trainable, config: Object.fromEntries(kept) });
}

/** Whether an object is a layer, or a model, which is one too. */
export function isKerasLayer(value: unknown): value is KerasObject {
  if (!isKerasObject(value) || ROOMS.test(value.module ?? "")) return false;
  return layerFactory(value.class_name) !== undefined || isKerasModel(value) || /^keras\.(src\.)?layers\b/.test(value.module ?? "");
}

/** Whether an object is a model of one of the two kinds that say how they are built. */
export function isKerasModel({ class_name: className }: KerasObject): boolean {
  return className === "Functional" || className === "Sequential";
}

function holdsLayer(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isKerasLayer) : isKerasLayer(value);
}

/** What we do not have and Keras leaves off; anything else must not be passed over. */
function isOff(option: string, value: unknown, all: Readonly<Record<string, unknown>>): boolean {
  return value === null || value === false || EXECUTION.has(option) || (option === "renormMomentum" && all["renorm"] !== true);
}

/** Functions that a file holds as code are never run. */
function refusePython(object: KerasObject, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if ((value as KerasObject).class_name === "__lambda__") notBuilt(object, "Python code");
  for (const item of Object.values(value)) refusePython(object, item);
}

function notBuilt({ class_name: className, config }: KerasObject, received: string): never {
  const name = (config as { readonly name?: unknown } | null)?.name;
  const python = received === "Python code";
  throw new NacreError({
    code: "UNSUPPORTED",
    where: `Keras layer ${typeof name === "string" ? `"${name}" ` : ""}of class ${className}`,
    expected: python ? "a layer that plain data describe" : `one of the layers ${layerClassNames().join(", ")}, with options that they have`,
    received,
    fix: python
      ? "code in files is never run; replace the layer by built-in ones in Keras, and save the model again"
      : "replace the layer in Keras, or make its class known by defineLayer before loading the model",
  });
}
