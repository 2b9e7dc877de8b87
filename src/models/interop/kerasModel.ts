import { NacreError } from "../../error.js";
import { isKerasObject, type KerasObject } from "./kerasConfig.js";
import { input } from "../../layers/core/input.js";
import type { Layer } from "../../layers/layer.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { Field } from "../fields.js";
import { Model } from "../model.js";
import { sequential } from "../sequential.js";
import type { Member, MembersOf } from "./kerasGroups.js";
import { isKerasModel, layerFromKeras } from "./kerasLayers.js";
import { callLayer } from "./kerasCalls.js";
import { type CallMaker, KerasNodes } from "./kerasNodes.js";
import { callOperation, isKerasOperation } from "./operations/read.js";

const INPUT = "InputLayer";

/** A model, and what it and the models within it list. */
export interface KerasModel {
  readonly model: Model;
  readonly membersOf: MembersOf;
}

/**
 * The model of a `config.json`: Sequential or Functional, with models within it.
 *
 * @throws BAD_FILE when it is no such configuration
 * @throws UNSUPPORTED when it holds a layer or a shape that is not built here
 */
export function modelFromKeras(config: unknown): KerasModel {
  const members = new Map<Model, readonly Member[]>();
  if (!isKerasObject(config)) throw noModel("a file without class_name and config");
  if (!isKerasModel(config)) throw noModel(`class ${config.class_name}`);
  const make = (object: KerasObject): Layer => (isKerasModel(object) ? build(object) : layerFromKeras(object, make));
  const build = (object: KerasObject): Model => {
    const field = new Field(object.config, `config.json, ${object.class_name}`);
    const list: Member[] = [];
    const model = object.class_name === "Sequential" ? readSequential(field, list, make) : readFunctional(field, list, make);
    model.trainable = field.at("trainable").optional((trainable) => trainable.flag()) ?? true;
    members.set(model, list);
    return model;
  };
  return { model: build(config), membersOf: (model) => members.get(model) ?? [] };
}

function readSequential(field: Field, list: Member[], make: (object: KerasObject) => Layer): Model {
  const objects = field.at("layers").list(readObject);
  const given = objects[0]?.class_name === INPUT ? readInput(new Field(objects[0].config, field.at("layers").path)) : undefined;
  const first = given ?? input(readShape(field.at("build_input_shape")));
  for (const object of given === undefined ? objects : objects.slice(1)) {
    const layer = make(object);
    list.push({ className: classOf(object, layer), layer });
  }
  return sequential([first, ...list.map(({ layer }) => layer!)], nameOf(field));
}

function readFunctional(field: Field, list: Member[], make: (object: KerasObject) => Layer): Model {
  const nodes = new KerasNodes();
  const functional = new Set<string>();
  field.at("layers").list((item) => {
    const object = readObject(item);
    const name = item.at("name").text();
    if (object.class_name === INPUT) {
      list.push({ className: INPUT, layer: undefined });
      nodes.set(name, [readInput(item.at("config"))]);
      return;
    }
    if (object.class_name === "Functional") functional.add(name);
    const call = isKerasOperation(object) ? operationCall(object, name) : layerCall(object, list, make);
    item.at("inbound_nodes").list((node) => nodes.add(name, call, node));
  });
  nodes.run();
  const inputs = ports(field.at("input_layers"), "").map(([, port]) => nodes.at(port));
  const outputs = ports(field.at("output_layers"), "").map(([name, port]): [string, SymbolicTensor] => {
    // A functional model begins with a call of its own, which counts here and nowhere else.
    const [layer, node, output] = port.list((part) => part.value);
    const place = functional.has(layer as string) ? [layer, Math.max(Number(node) - 1, 0), output] : port.value;
    return [name, nodes.at(new Field(place, port.path))];
  });
  return new Model({ inputs, outputs: namedOutputs(outputs), ...nameOf(field) });
}

function layerCall(object: KerasObject, list: Member[], make: (object: KerasObject) => Layer): CallMaker {
  const layer = make(object);
  list.push({ className: classOf(object, layer), layer });
  return (call) => callLayer(layer, call);
}

/** An operation has one call; were there more, each would be a layer here. */
function operationCall(object: KerasObject, name: string): CallMaker {
  return (call, index) => callOperation(object, index === 0 ? name : `${name}_${index}`, call);
}

/** Some classes have a second name, which is not the one that their weights go by. */
function classOf({ class_name: className }: KerasObject, layer: Layer | undefined): string {
  return layer === undefined || layer instanceof Model ? className : layer.className;
}

/** Several outputs are known by the names of their layers, one has no need of a name. */
function namedOutputs(outputs: readonly (readonly [string, SymbolicTensor])[]): readonly SymbolicTensor[] | Record<string, SymbolicTensor> {
  const tensors = outputs.map(([, tensor]) => tensor);
  const names = outputs.map(([name]) => name);
  if (tensors.length === 0) throw noModel("a model without outputs");
  return tensors.length === 1 || new Set(names).size < names.length ? tensors : Object.fromEntries(outputs);
}

/** The places of inputs or outputs in lists and objects of them, each a layer's name, a call and an output. */
function ports(field: Field, key: string): [name: string, place: Field][] {
  const { value } = field;
  if (!Array.isArray(value)) return Object.keys(field.record()).flatMap((name) => ports(field.at(name), name));
  if (typeof value[0] === "string") return [[key === "" ? value[0] : key, field]];
  return field.list((place) => ports(place, key)).flat();
}

function readInput(config: Field): SymbolicTensor {
  const name = config.at("name").text();
  const dtype = config.at("dtype").optional((text) => text.text()) ?? "float32";
  // What Keras computes in half precision is computed in full here.
  const known = ["float16", "bfloat16"].includes(dtype) ? "float32" : dtype;
  if (!DTYPES.includes(known as DType)) throw unsupportedInput(name, `one of the dtypes ${DTYPES.join(", ")}`, dtype);
  return input(readShape(config.at("batch_shape"), name), { name, dtype: known as DType });
}

/** A shape without its batch axis. @throws UNSUPPORTED when a dimension is free */
function readShape(field: Field, name = "input"): number[] {
  return field.list((dim) => dim).slice(1).map((dim) => {
    if (dim.value === null) throw unsupportedInput(name, "dimensions of a fixed size, beside the batch", JSON.stringify(field.value));
    return dim.whole(1);
  });
}

function readObject(field: Field): KerasObject {
  if (!isKerasObject(field.value)) throw noModel(`a layer of ${field.path} without class_name and config`);
  return field.value;
}

function nameOf(field: Field): { readonly name?: string } {
  const name = field.at("name").optional((text) => text.text());
  return typeof name === "string" ? { name } : {};
}

function unsupportedInput(name: string, expected: string, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `Keras input "${name}"`,
    expected,
    received,
    fix: "build the model in Keras with keras.Input(shape, dtype) of such a kind, copy the weights, and save it again",
  });
}

function noModel(received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: "Keras model",
    expected: "a Sequential or Functional model, with layers and outputs",
    received,
    fix: "build it in Keras from inputs and outputs, keras.Model(inputs, outputs), and save it again",
  });
}
