import { NacreError } from "../../error.js";
import { Layer } from "../../layers/layer.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { Model } from "../model.js";
import { STATEFUL } from "./kerasCalls.js";
import type { Member } from "./kerasGroups.js";
import { kerasOrder } from "./kerasOrder.js";
import { outputKind, outputOrder } from "./kerasPorts.js";
import { isOperationLayer, operationToKeras } from "./operations/write.js";
import { snakeCase, type StoredKerasObject } from "./toKeras.js";
import { kerasName, layerToKeras } from "./toKerasLayer.js";

/** Layers that take each of their inputs as an argument of its own, and how many they need. */
const SEPARATE: Readonly<Record<string, number>> = { MultiHeadAttention: 2, GroupedQueryAttention: 2 };

/** What those call the masks of their inputs. */
const SEPARATE_MASKS = ["query_mask", "value_mask", "key_mask"];

/** Layers that take an argument `mask`. */
const MASKABLE =
  /^(AdditiveAttention|Attention|BatchNormalization|Bidirectional|ConvLSTM\dD|Functional|GRU|GlobalAveragePooling1D|LSTM|MultiHeadAttention|GroupedQueryAttention|RNN|SimpleRNN|Softmax|TimeDistributed)$/;

/** What a model of ours lists, in the order in which Keras does. */
export function membersOfModel(model: Model): Member[] {
  return kerasOrder(model)
    .filter((operation) => !(operation instanceof Layer && isOperationLayer(operation)))
    .map((operation) => (operation instanceof Layer ? { className: operation.className, layer: operation } : { className: "InputLayer", layer: undefined }));
}

/**
 * A model's architecture as Keras's `config.json` holds it: always of class Functional.
 *
 * @throws UNSUPPORTED naming layer and class when Keras has no such layer, or not one of its options
 */
export function modelToKeras(model: Model): StoredKerasObject {
  return functional(model, model.name);
}

function functional(model: Model, name: string): StoredKerasObject {
  const names = new KerasNames(model);
  const operations = kerasOrder(model);
  const output = model.outputs.map((tensor) => outputPlace(tensor, names));
  const named = model.outputNames.map((port, i) => [port, output[i]] as const);
  const inputs = model.inputs.map((tensor) => names.placeOf(tensor));
  const kind = outputKind(model);
  return {
    module: "keras.src.models.functional",
    class_name: "Functional",
    config: {
      name: kerasName(name),
      trainable: model.trainable,
      layers: operations.map((operation) => (operation instanceof Layer ? calledLayer(model, operation, names) : inputLayer(operation, names))),
      input_layers: inputs.length === 1 ? inputs[0] : inputs,
      output_layers: kind === "one" ? output[0] : kind === "list" ? output : Object.fromEntries(named),
    },
    registered_name: "Functional",
  };
}

/** A functional model begins with a call of its own, which Keras counts here and nowhere else. */
function outputPlace(tensor: SymbolicTensor, names: KerasNames): readonly [name: string, node: number, output: number] {
  const [name, node, output] = names.placeOf(tensor);
  return [name, tensor.origin?.layer instanceof Model ? node + 1 : node, output];
}

function inputLayer(tensor: SymbolicTensor, names: KerasNames): object {
  const name = names.of(tensor);
  return {
    module: "keras.layers",
    class_name: "InputLayer",
    config: { batch_shape: kerasShape(tensor), dtype: tensor.dtype, sparse: false, name },
    registered_name: null,
    name,
    inbound_nodes: [],
  };
}

function calledLayer(model: Model, layer: Layer, names: KerasNames): object {
  const name = names.of(layer);
  const calls = model.calls.filter((call) => call.layer === layer);
  if (isOperationLayer(layer)) return operationToKeras(layer, name, (place) => names.tensor(calls[0]!.inputs[place]!));
  return { ...layerToKeras(layer, name, functional), name, inbound_nodes: calls.map((call) => node(call, names)) };
}

/** One call: the tensors that it takes, by place, and its other arguments by name. */
function node({ layer, inputs, args }: Model["calls"][number], names: KerasNames): object {
  const used = new Set<number>();
  const value = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(value);
    if (typeof item !== "object" || item === null || !("tensor" in item)) return item;
    const place = item.tensor as number;
    used.add(place);
    return names.tensor(inputs[place]!);
  };
  const kwargs = Object.fromEntries(Object.entries(args).map(([argument, item]) => [snakeCase(argument), value(item)]));
  const tensors = inputs.filter((_, i) => !used.has(i)).map((tensor) => names.tensor(tensor));
  const { className } = layer;
  const { mask } = kwargs;
  if (mask !== undefined && !MASKABLE.test(className)) throw notCalledSo(layer, "mask", "put a layers.masking() before it, or save a .nacre file");
  const lost = mask === undefined && "initialState" in args && inputs[0]!.masked;
  if (lost) throw notCalledSo(layer, "initialState for masked steps, whose mask gets lost there", "give the mask as an argument too, or save a .nacre file");
  // A list with nothing in it says that the mask that travels with the input does not count.
  if (STATEFUL.test(className) && Array.isArray(mask) && mask.every((one) => one === null)) delete kwargs["mask"];
  const needed = SEPARATE[className];
  if (needed === undefined) return { args: tensors.length === 1 ? tensors : [tensors], kwargs };
  if (mask !== undefined) {
    delete kwargs["mask"];
    [mask].flat().forEach((one, i) => one !== null && (kwargs[SEPARATE_MASKS[i]!] = one));
  }
  while (tensors.length < needed) tensors.push(tensors[0]!);
  return { args: tensors, kwargs };
}

function notCalledSo(layer: Layer, received: string, fix: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `.keras file, call of layer "${layer.name}" of class ${layer.className}`,
    expected: "arguments that do in Keras what they do here",
    received,
    fix,
  });
}

/** What Keras calls the inputs and layers of one model, each name once, and where it finds their tensors. */
class KerasNames {
  readonly #names = new Map<Layer | SymbolicTensor, string>();
  readonly #places = new Map<SymbolicTensor, readonly [name: string, node: number, output: number]>();

  constructor(model: Model) {
    const taken = new Set<string>();
    const take = (operation: Layer | SymbolicTensor, wanted: string): string => {
      const base = kerasName(wanted);
      let name = base;
      for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
      taken.add(name);
      this.#names.set(operation, name);
      return name;
    };
    model.layers.forEach((layer, i) => take(layer, model.layerNames[i]!));
    model.inputs.forEach((input, i) => this.#places.set(input, [take(input, model.inputNames[i]!), 0, 0]));
    const counts = new Map<Layer, number>();
    for (const { layer, outputs } of model.calls) {
      const index = counts.get(layer) ?? 0;
      counts.set(layer, index + 1);
      const order = layer instanceof Model ? outputOrder(layer) : outputs.keys();
      [...order].forEach((place, i) => {
        const tensor = outputs[place]!;
        if (!this.#places.has(tensor)) this.#places.set(tensor, [this.of(layer), index, i]);
      });
    }
  }

  of(operation: Layer | SymbolicTensor): string {
    return this.#names.get(operation)!;
  }

  placeOf(tensor: SymbolicTensor): readonly [name: string, node: number, output: number] {
    return this.#places.get(tensor)!;
  }

  /** A tensor as an argument. */
  tensor(tensor: SymbolicTensor): object {
    return { class_name: "__keras_tensor__", config: { shape: kerasShape(tensor), dtype: tensor.dtype, keras_history: this.placeOf(tensor) } };
  }
}

/** Dimensions that are free have no name in Keras. */
function kerasShape({ shape }: SymbolicTensor): (number | null)[] {
  return shape.map((dim) => (typeof dim === "number" ? dim : null));
}
