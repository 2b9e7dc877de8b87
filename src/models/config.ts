import * as activations from "../activations/index.js";
import * as constraints from "../constraints/index.js";
import { NacreError, unknownName } from "../error.js";
import * as initializers from "../initializers/index.js";
import { type ArgumentTemplate, unpackArguments } from "../layers/arguments.js";
import { layerClassNames, layerFactory } from "../layers/define.js";
import "../layers/index.js";
import { Layer } from "../layers/layer.js";
import { SymbolicTensor } from "../layers/symbolic.js";
import * as regularizers from "../regularizers/index.js";
import type { Dim } from "../tensor/dim.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import { Field } from "./fields.js";
import { notPlain } from "./json.js";
import { Model } from "./model.js";

/** The class name of a model, which may itself be a layer. */
const MODEL = "Functional";

/** A model's architecture as plain JSON. */
export interface ModelConfig {
  readonly className: typeof MODEL;
  readonly name: string | null;
  /** Free dimensions beside the batch have names; so has a batch of another name, and a fixed one has its size. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly Dim[]; readonly dtype: DType; readonly batch?: Dim }[];
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
      shape: tensor.shape.slice(1),
      dtype: tensor.dtype,
      ...(tensor.shape[0] === "batch" ? {} : { batch: tensor.shape[0]! }),
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

/** Builds a model from its architecture. @throws BAD_FILE, UNKNOWN_NAME when it is not one */
export function modelFromConfig(field: Field, seed?: number): Model {
  const inputs = field.at("inputs").list(readInput);
  const values = [...inputs];
  const layers = field.at("layers").list(readLayer);
  field.at("calls").list((call) => {
    const layer = layers[call.at("layer").whole()];
    const from = call.at("inputs").list((place) => values[place.whole()]);
    if (layer === undefined || from.includes(undefined)) throw brokenConfig("a call of an unknown layer or value");
    const template = call.at("args").optional((args) => args.record()) ?? {};
    const { inputs: tensors, args } = unpackArguments({ tensors: from as SymbolicTensor[], args: template });
    values.push(...layer.callAll(tensors, args));
  });
  const outputs = field.at("outputs").list((output) => [output.at("name").text(), values[output.at("value").whole()]] as const);
  if (outputs.length === 0 || outputs.some(([, tensor]) => tensor === undefined)) throw brokenConfig("an unknown output");
  const name = field.at("name").nullable((text) => text.text());
  return new Model({
    inputs,
    outputs: Object.fromEntries(outputs) as Record<string, SymbolicTensor>,
    ...(name === null ? {} : { name }),
    ...(seed === undefined ? {} : { seed }),
  });
}

function readInput(item: Field): SymbolicTensor {
  const dtype = item.at("dtype").text() as DType;
  if (!DTYPES.includes(dtype)) throw unknownName("model file", "dtype", dtype, DTYPES);
  const name = item.at("name").text();
  const shape = item.at("shape").list(readDim);
  const batch = item.at("batch").optional(readDim) ?? "batch";
  return new SymbolicTensor({ shape: [batch, ...shape], dtype, name });
}

function readDim(field: Field): Dim {
  if (typeof field.value !== "string") return field.whole(1);
  if (/^[A-Za-z_][\w.]*$/.test(field.value)) return field.value;
  throw brokenConfig(`a dimension "${field.value}"`);
}

/** Builds one layer from its kind and options. @throws UNKNOWN_NAME when the kind is not registered */
export function layerFromConfig(config: LayerConfig): Layer {
  return readLayer(new Field(config, "layer"));
}

function readLayer(field: Field): Layer {
  const className = field.at("className").text();
  const name = field.at("name").text();
  const trainable = field.at("trainable").flag();
  const config = field.at("config");
  if (className === MODEL) {
    const model = modelFromConfig(new Field({ ...config.record(), name }, config.path));
    model.trainable = trainable;
    return model;
  }
  const factory = layerFactory(className);
  if (factory === undefined) throw notDefined(className, name);
  const options = Object.keys(config.record()).map((option) => [option, readOption(option, config.at(option))]);
  return factory({ ...Object.fromEntries(options), name, trainable });
}

function readOption(option: string, field: Field): unknown {
  const { value } = field;
  if (value === null || value === undefined) return value;
  if (isLayerConfig(value)) return readLayer(field);
  if (Array.isArray(value) && value.some(isLayerConfig)) return field.list((item) => readOption(option, item));
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
