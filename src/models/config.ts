import * as activations from "../activations/index.js";
import * as constraints from "../constraints/index.js";
import { NacreError, unknownName } from "../error.js";
import * as initializers from "../initializers/index.js";
import { type ArgumentTemplate, unpackArguments } from "../layers/arguments.js";
import { layerClassNames, layerFactory } from "../layers/define.js";
import "../layers/index.js";
import { input } from "../layers/core/input.js";
import { Layer } from "../layers/layer.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import * as regularizers from "../regularizers/index.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import type { Field } from "./fields.js";
import { notPlain } from "./json.js";
import { Model } from "./model.js";

/** The class name of a model, which may itself be a layer. */
const MODEL = "Functional";

/** A model's architecture as plain JSON. */
export interface ModelConfig {
  readonly className: typeof MODEL;
  readonly name: string | null;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: DType }[];
  readonly layers: readonly LayerConfig[];
  /** Each call: which layer, and the values it takes, as places in the list of inputs and earlier results. */
  readonly calls: readonly {
    readonly layer: number;
    readonly inputs: readonly number[];
    /** Arguments beside the inputs; absent where there are none. */
    readonly args?: ArgumentTemplate;
  }[];
  readonly outputs: readonly { readonly name: string; readonly value: number }[];
}

/** One layer's kind, name and options. */
export interface LayerConfig {
  readonly className: string;
  readonly name: string;
  readonly trainable: boolean;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The architecture of a model. @throws UNSUPPORTED when an option holds a function without a name */
export function modelConfig(model: Model): ModelConfig {
  const held = [...model.inner.keys()].flatMap((layer) => [layer, ...layer.layerPaths.keys()]);
  const twice = held.find((layer, i) => held.indexOf(layer) !== i);
  if (twice !== undefined) throw sharedInside(twice);
  const places = new Map<SymbolicTensor, number>();
  const place = (tensor: SymbolicTensor): void => void places.set(tensor, places.size);
  model.inputs.forEach(place);
  const calls = model.calls.map((call) => {
    const from = call.inputs.map((tensor) => places.get(tensor)!);
    call.outputs.forEach(place);
    const args = Object.keys(call.args).length === 0 ? {} : { args: call.args };
    return { layer: model.layers.indexOf(call.layer), inputs: from, ...args };
  });
  return {
    className: MODEL,
    name: model.named ? model.name : null,
    inputs: model.inputs.map((tensor, i) => ({
      name: model.inputNames[i]!,
      shape: tensor.shape.slice(1) as number[],
      dtype: tensor.dtype,
    })),
    layers: model.layers.map((layer, i) => ({ ...layerConfig(layer), name: model.layerNames[i]! })),
    calls,
    outputs: model.outputs.map((tensor, i) => ({ name: model.outputNames[i]!, value: places.get(tensor)! })),
  };
}

/** One layer's options as JSON. @throws UNSUPPORTED when an option holds a function without a name */
export function layerConfig(layer: Layer): LayerConfig {
  const { className, name, trainable } = layer;
  if (layer instanceof Model) return { className, name, trainable, config: { ...modelConfig(layer) } };
  const config = Object.entries(layer.config).map(([option, value]) => [option, toJson(option, value, layer)]);
  return { className, name, trainable, config: Object.fromEntries(config) as Record<string, unknown> };
}

/** Options that hold an object of another room, by how their name ends. */
const ROOMS = [
  { ending: /activation$/i, save: (value: never) => activations.serialize(value), load: (value: never) => activations.deserialize(value) },
  { ending: /initializer$/i, save: (value: never) => initializers.serialize(value), load: (value: never) => initializers.deserialize(value) },
  { ending: /regularizer$/i, save: (value: never) => regularizers.serialize(value), load: (value: never) => regularizers.deserialize(value) },
  { ending: /constraint$/i, save: (value: never) => constraints.serialize(value), load: (value: never) => constraints.deserialize(value) },
] as const;

function toJson(option: string, value: unknown, layer: Layer): unknown {
  if (value instanceof Layer) return { ...layerConfig(value), name: layer.inner.get(value) ?? value.name };
  if (Array.isArray(value) && value.some((item) => item instanceof Layer)) return value.map((item) => toJson(option, item, layer));
  const room = ROOMS.find(({ ending }) => ending.test(option));
  if (room !== undefined && value !== null && value !== undefined) return room.save(value as never);
  const place = notPlain(value);
  if (place === undefined) return value;
  throw new NacreError({
    code: "UNSUPPORTED",
    where: `${layer.where}, option ${option}${place}`,
    expected: "plain data: numbers, strings, booleans, and arrays and objects of them",
    received: "something that files cannot hold, such as a function",
    fix: "register it under a name, or define a layer of your own with defineLayer",
  });
}

/** Nested models run their layers at each of their calls, so a small file could ask for endlessly many. */
const MAX_CALLS = 20_000;

/** An architecture from a file. @throws BAD_FILE when it is not what {@link ModelConfig} says */
export function readModelConfig(field: Field): ModelConfig {
  const config = readArchitecture(field);
  const calls = callCount(config);
  if (calls > MAX_CALLS) throw brokenConfig(`${calls} calls, more than ${MAX_CALLS}`);
  return config;
}

function readArchitecture(field: Field): ModelConfig {
  return {
    className: MODEL,
    name: field.at("name").nullable((name) => name.text()),
    inputs: field.at("inputs").list((item) => ({
      name: item.at("name").text(),
      shape: item.at("shape").list((dim) => dim.whole(1)),
      dtype: item.at("dtype").text() as DType,
    })),
    layers: field.at("layers").list((item) => {
      const className = item.at("className").text();
      const config = item.at("config");
      return {
        className,
        name: item.at("name").text(),
        trainable: item.at("trainable").flag(),
        config: className === MODEL ? { ...readArchitecture(config) } : config.record(),
      };
    }),
    calls: field.at("calls").list((call) => ({
      layer: call.at("layer").whole(),
      inputs: call.at("inputs").list((place) => place.whole()),
    })),
    outputs: field.at("outputs").list((output) => ({ name: output.at("name").text(), value: output.at("value").whole() })),
  };
}

/** How many layer calls one run of the model makes, those inside nested models too. */
function callCount({ layers, calls }: ModelConfig): number {
  const counts = layers.map(({ className, config }) => (className === MODEL ? callCount(config as unknown as ModelConfig) : 1));
  return calls.reduce((sum, { layer }) => sum + (counts[layer] ?? 0), 0);
}

/** Builds a model from its architecture. @throws BAD_FILE, UNKNOWN_NAME when it is not one */
export function modelFromConfig(config: ModelConfig, seed?: number): Model {
  const values: SymbolicTensor[] = config.inputs.map(({ name, shape, dtype }) => {
    if (!DTYPES.includes(dtype)) throw unknownName("model file", "dtype", String(dtype), DTYPES);
    return input(shape, { name, dtype });
  });
  const layers = config.layers.map(layerFromConfig);
  for (const call of config.calls) {
    const layer = layers[call.layer];
    const from = call.inputs.map((at) => values[at]);
    if (layer === undefined || from.includes(undefined)) throw brokenConfig("a call of an unknown layer or value");
    const { inputs, args } = unpackArguments({ tensors: from as SymbolicTensor[], args: call.args ?? {} });
    values.push(...layer.callAll(inputs, args));
  }
  const outputs = config.outputs.map(({ name, value }) => [name, values[value]] as const);
  if (outputs.length === 0 || outputs.some(([, tensor]) => tensor === undefined)) throw brokenConfig("an unknown output");
  return new Model({
    inputs: values.slice(0, config.inputs.length),
    outputs: Object.fromEntries(outputs) as Record<string, SymbolicTensor>,
    ...(config.name === null ? {} : { name: config.name }),
    ...(seed === undefined ? {} : { seed }),
  });
}

/** Builds one layer from its kind and options. @throws UNKNOWN_NAME when the kind is not registered */
export function layerFromConfig({ className, name, trainable, config }: LayerConfig): Layer {
  if (className === MODEL) {
    const model = modelFromConfig({ ...(config as unknown as ModelConfig), name });
    model.trainable = trainable;
    return model;
  }
  const factory = layerFactory(className);
  if (factory === undefined) throw notDefined(className, name);
  const options = Object.entries(config).map(([option, value]) => [option, fromJson(option, value)]);
  return factory({ ...Object.fromEntries(options), name, trainable });
}

function fromJson(option: string, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (isLayerConfig(value)) return layerFromConfig(value);
  if (Array.isArray(value) && value.some(isLayerConfig)) return value.map((item) => fromJson(option, item));
  const room = ROOMS.find(({ ending }) => ending.test(option));
  return room === undefined ? value : room.load(value as never);
}

/** Whether an option's value is a layer: unlike other objects in files it says whether it trains. */
function isLayerConfig(value: unknown): value is LayerConfig {
  return typeof value === "object" && value !== null && "className" in value && "config" in value && "trainable" in value;
}

function notDefined(className: string, name: string): NacreError {
  const names = layerClassNames();
  return new NacreError({
    code: "UNKNOWN_NAME",
    where: `model file, layer "${name}"`,
    expected: `one of the layers ${names.join(", ")}`,
    received: `"${className}"`,
    fix: `import the module that calls defineLayer for "${className}" before loading the model`,
  });
}

function sharedInside(layer: Layer): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: layer.where,
    expected: "layers that belong to one model, or to one layer that holds them",
    received: "a layer that is used in two of them",
    fix: "build one flat model from the same layers",
  });
}

function brokenConfig(received: string): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "model file",
    expected: "calls of known layers on known values",
    received,
    fix: "the file is damaged or was edited; take another copy",
  });
}
