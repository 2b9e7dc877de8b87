import { NacreError } from "../../error.js";
import { isKerasObject, type KerasObject } from "./kerasConfig.js";
import type { Layer } from "../../layers/layer.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { Field } from "../fields.js";
import { Model } from "../model.js";
import { sequential } from "../sequential.js";
import type { Member, MembersOf } from "./kerasGroups.js";
import { type InputShapes, KerasInputs } from "./kerasInputs.js";
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
export function modelFromKeras(config: unknown, inputShapes: InputShapes = {}): KerasModel {
  const members = new Map<Model, readonly Member[]>();
  if (!isKerasObject(config)) throw noModel("a file without class_name and config");
  const inputs = new KerasInputs(inputShapes, JSON.stringify(config).includes('"stateful":true'));
  if (!isKerasModel(config)) throw noModel(`class ${config.class_name}`);
  const make = (object: KerasObject): Layer => (isKerasModel(object) ? build(object) : layerFromKeras(object, make));
  const build = (object: KerasObject, nested = true): Model => {
    const field = new Field(object.config, `config.json, ${object.class_name}`);
    const list: Member[] = [];
    const model = object.class_name === "Sequential" ? readSequential(field, list, make, inputs) : readFunctional(field, list, make, inputs, nested);
    model.trainable = field.at("trainable").optional((trainable) => trainable.flag()) ?? true;
    members.set(model, list);
    return model;
  };
  const model = inputs.explain(() => build(config, false));
  return { model, membersOf: (inside) => members.get(inside) ?? [] };
}

function readSequential(field: Field, list: Member[], make: (object: KerasObject) => Layer, inputs: KerasInputs): Model {
  const objects = field.at("layers").list(readObject);
  const given = objects[0]?.class_name === INPUT ? inputs.read(new Field(objects[0].config, field.at("layers").path)) : undefined;
  const first = given ?? inputs.unnamed(field.at("build_input_shape"));
  for (const object of given === undefined ? objects : objects.slice(1)) {
    const layer = make(object);
    list.push({ className: classOf(object, layer), layer });
  }
  return sequential([first, ...list.map(({ layer }) => layer!)], nameOf(field));
}

function readFunctional(field: Field, list: Member[], make: (object: KerasObject) => Layer, known: KerasInputs, nested: boolean): Model {
  const nodes = new KerasNodes();
  const functional = new Set<string>();
  const keys = keysOf(field.at("input_layers"));
  field.at("layers").list((item) => {
    const object = readObject(item);
    const name = item.at("name").text();
    if (object.class_name === INPUT) {
      list.push({ className: INPUT, layer: undefined });
      nodes.set(name, [known.read(item.at("config"), keys.get(name))]);
      return;
    }
    if (object.class_name === "Functional") functional.add(name);
    const call = isKerasOperation(object) ? operationCall(object, name) : layerCall(object, list, make);
    item.at("inbound_nodes").list((node) => nodes.add(name, call, node));
  });
  nodes.run();
  // The calls of a model inside count its inputs and outputs by their sorted names, whatever their order in the file.
  const portsOf = (key: string): [name: string, place: Field][] => {
    const { value } = field.at(key);
    const found = ports(field.at(key), "");
    return nested && !Array.isArray(value) ? found.sort(([a], [b]) => (a < b ? -1 : 1)) : found;
  };
  const inputs = portsOf("input_layers").map(([, port]) => nodes.at(port));
  const outputs = portsOf("output_layers").map(([name, port]): [string, SymbolicTensor] => {
    // A functional model begins with a call of its own, which counts here and nowhere else.
    const [layer, node, output] = port.list((part) => part.value);
    const place = functional.has(layer as string) ? [layer, Math.max(Number(node) - 1, 0), output] : port.value;
    return [name, nodes.at(new Field(place, port.path))];
  });
  return new Model({ inputs, outputs: namedOutputs(outputs, inputs.map(({ name }) => name)), ...nameOf(field) });
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

/** Several outputs are known by the names of their layers, one has no need of a name; nor have those of which one is an input. */
function namedOutputs(outputs: readonly (readonly [string, SymbolicTensor])[], inputs: readonly (string | undefined)[]): readonly SymbolicTensor[] | Record<string, SymbolicTensor> {
  const tensors = outputs.map(([, tensor]) => tensor);
  const names = outputs.map(([name]) => name);
  if (tensors.length === 0) throw noModel("a model without outputs");
  return tensors.length === 1 || new Set([...names, ...inputs]).size < names.length + inputs.length ? tensors : Object.fromEntries(outputs);
}

/** The names by which an object of inputs holds them, by those of their layers; a list has the layers'. */
function keysOf(inputs: Field): Map<string, string> {
  const named = ports(inputs, "").map(([key, port]): [string, string] => [port.list((part) => part.value)[0] as string, key]);
  // A list within an object has one name for several inputs.
  return new Map(named.filter(([, key]) => named.filter(([, other]) => other === key).length === 1));
}

/** The places of inputs or outputs in lists and objects of them, each a layer's name, a call and an output. */
function ports(field: Field, key: string): [name: string, place: Field][] {
  const { value } = field;
  if (!Array.isArray(value)) return Object.keys(field.record()).flatMap((name) => ports(field.at(name), name));
  if (typeof value[0] === "string") return [[key === "" ? value[0] : key, field]];
  return field.list((place) => ports(place, key)).flat();
}

function readObject(field: Field): KerasObject {
  if (!isKerasObject(field.value)) throw noModel(`a layer of ${field.path} without class_name and config`);
  return field.value;
}

function nameOf(field: Field): { readonly name?: string } {
  const name = field.at("name").optional((text) => text.text());
  return typeof name === "string" ? { name } : {};
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
