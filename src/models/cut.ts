import { NacreError, nearestName, wrongKind } from "../error.js";
import { unpackArguments } from "../layers/arguments.js";
import type { GraphInside } from "../layers/definition.js";
import type { Layer } from "../layers/layer.js";
import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";
import { Network } from "./network.js";

/** A value in a model: of its own, or inside of a call: of a model or a graph that it holds. */
type Place = SymbolicTensor | { readonly call: LayerCall; readonly inside: Place | string };

/** Values of a model as those of layer calls on its own inputs; what else is between them and the inputs is shared. */
export function valuesAt(where: string, model: Network, names: readonly string[]): SymbolicTensor[] {
  const places = placesIn(model);
  const wanted = names.map((name) => {
    if (typeof name !== "string") throw wrongKind(where, "names of layers or values", name);
    const place = places.get(name);
    if (place === undefined) throw noValue(where, name, [...places.keys()]);
    return place;
  });
  // Names of layers are drawn into the first weights; those may be others in the new model.
  model.initialize();
  return rebuilt(model, model.inputs, wanted);
}

/** What the last layer with a matrix or kernel takes. @throws UNSUPPORTED when there is none */
export function headInput(where: string, model: Network): SymbolicTensor {
  const place = headPlace(model);
  if (place !== undefined) {
    model.initialize();
    return rebuilt(model, model.inputs, [place])[0]!;
  }
  throw new NacreError({ code: "UNSUPPORTED", where, expected: "a model whose last part has weights", received: "none", fix: "say where to cut: { at: name }" });
}

/** The inputs of a model that some values follow from. */
export function inputsOf(model: Network, values: readonly SymbolicTensor[]): SymbolicTensor[] {
  const seen = new Set<SymbolicTensor>();
  const open = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    open.push(...(value.origin?.inputs ?? []));
  }
  return model.inputs.filter((input) => seen.has(input));
}

/** Every value that has a name, the nearest ones first. */
function placesIn(model: Network): Map<string, Place> {
  const places = new Map<string, Place>();
  const add = (name: string, place: Place): void => void (places.has(name) || places.set(name, place));
  const single = (name: string, i: number, count: number): string => (count === 1 ? name : `${name}:${i}`);
  model.layers.forEach((layer, i) => {
    const results = model.calls.filter((call) => call.layer === layer).flatMap(({ outputs }) => outputs);
    results.forEach((result, k) => add(single(model.layerNames[i]!, k, results.length), result));
  });
  for (const call of model.calls) for (const name of graphIn(call.layer)?.names ?? []) add(name, { call, inside: name });
  model.layers.forEach((layer, i) => {
    const calls = model.calls.filter((call) => call.layer === layer);
    const inner = layer instanceof Network ? [...placesIn(layer)] : (graphIn(layer)?.names ?? []).map((name) => [name, name] as const);
    calls.forEach((call, k) => {
      for (const [name, inside] of inner) add(`${single(model.layerNames[i]!, k, calls.length)}/${name}`, { call, inside });
    });
  });
  model.outputNames.forEach((name, i) => add(name, model.outputs[i]!));
  model.inputNames.forEach((name, i) => add(name, model.inputs[i]!));
  return places;
}

function headPlace(model: Network): Place | undefined {
  for (const call of model.calls.toReversed()) {
    if (!call.layer.variables.some(({ shape }) => shape.length > 1)) continue;
    const inside = call.layer instanceof Network ? headPlace(call.layer) : graphIn(call.layer)?.headInput;
    return inside === undefined ? call.inputs[0]! : { call, inside };
  }
  return undefined;
}

function graphIn(layer: Layer): GraphInside | undefined {
  return layer.definition.inside?.(layer);
}

/** The values at some places when a network is applied to `feeds`. Calls whose inputs stay what they were stay, too. */
function rebuilt(network: Network, feeds: readonly SymbolicTensor[], places: readonly Place[]): SymbolicTensor[] {
  const values = new Map(network.inputs.map((input, i) => [input, feeds[i]!]));
  const inner = new Map<LayerCall, (Place | string)[]>();
  const needed = new Set<SymbolicTensor>();
  for (const place of places) {
    if (!("call" in place)) needed.add(place);
    else inner.set(place.call, [...(inner.get(place.call) ?? []), place.inside]);
  }
  // A model that is used several times stands for itself everywhere, or nowhere: files cannot hold it beside its layers.
  const opened = new Set([...inner.keys()].map(({ layer }) => layer).filter((layer) => layer instanceof Network));
  const calls = network.calls.toReversed().filter((call) => {
    const runs = inner.has(call) || call.outputs.some((output) => needed.has(output));
    if (runs) for (const input of call.inputs) needed.add(input);
    if (runs && opened.has(call.layer as Network) && !inner.has(call)) inner.set(call, []);
    return runs;
  });
  const found = new Map<LayerCall, ReadonlyMap<Place | string, SymbolicTensor>>();
  for (const call of calls.reverse()) {
    const { layer, outputs } = call;
    const from = call.inputs.map((input) => values.get(input)!);
    const wanted = inner.get(call);
    let results: readonly SymbolicTensor[] = outputs;
    if (wanted !== undefined) {
      const ends: readonly (Place | string)[] = layer instanceof Network ? layer.outputs : graphIn(layer)!.outputs;
      const all = [...new Set([...wanted, ...ends.filter((_, i) => needed.has(outputs[i]!))])];
      const given = layer instanceof Network ? rebuilt(unfrozen(layer), from, all as Place[]) : graphValues(layer, from, all as string[]);
      const byPlace = new Map(all.map((place, i) => [place, given[i]!]));
      found.set(call, byPlace);
      results = ends.map((end) => byPlace.get(end)!);
    } else if (from.some((value, i) => value !== call.inputs[i])) {
      const { inputs, args } = unpackArguments({ tensors: from, args: call.args });
      results = layer.callAll(inputs, args);
    }
    outputs.forEach((output, i) => values.set(output, results[i]!));
  }
  return places.map((place) => ("call" in place ? found.get(place.call)!.get(place.inside)! : values.get(place)!));
}

/** A model whose layers are to stand by themselves: what holds of it holds of each. */
function unfrozen(network: Network): Network {
  if (!network.trainable) for (const layer of network.layers) layer.trainable = false;
  return network;
}

function graphValues(layer: Layer, from: readonly SymbolicTensor[], names: readonly string[]): readonly SymbolicTensor[] {
  const part = graphIn(layer)!.cut(names);
  return part.layer.callAll(part.inputs.map((i) => from[i]!));
}

const NAMES_LISTED = 40;

function noValue(where: string, name: string, names: readonly string[]): NacreError {
  const several = names.filter((known) => known !== name && known.replaceAll(/:\d+/g, "") === name);
  const nearest = several.length > 0 ? several.join(" or ") : nearestName(name, names);
  return new NacreError({
    code: "UNKNOWN_NAME",
    where,
    expected: `one of the values ${names.slice(0, NAMES_LISTED).join(", ")}${names.length > NAMES_LISTED ? ", …" : ""}`,
    received: `"${name}"`,
    ...(nearest === undefined ? {} : { fix: `did you mean ${several.length > 0 ? nearest : `"${nearest}"`}?` }),
  });
}
