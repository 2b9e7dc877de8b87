import { checkOptions, wrongKind } from "../error.js";
import { Layer } from "../layers/layer.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import { requireOptions } from "../options.js";
import { headInput, inputsOf, valuesAt } from "./cut.js";
import type { Network } from "./network.js";
import type { ModelOptions } from "./options.js";

/** Options of `model.replaceHead`. */
export interface ReplaceHeadOptions {
  /** The layers that come in the place of the old ones, in order. */
  readonly head: Layer | readonly Layer[];
  /** The layer or value whose result they take. Default: what the last layer with a matrix or kernel took. */
  readonly at?: string;
  /** Of the first weights of the new layers. Default: the model's. */
  readonly seed?: number;
}

/** What makes a model that gives values of another one, whose layers and weights it shares. */
export function outputsAt(model: Network, names: string | readonly string[]): ModelOptions {
  const list = [names].flat();
  if (list.length === 0) throw wrongKind("outputsAt", "names of layers or values", names);
  const where = `${model.where}.outputsAt`;
  return ending(model, valuesAt(where, model, list), list, model.seed);
}

/** What makes a model that begins as another one, whose layers and weights it shares, and ends in new layers. */
export function replaceHead(model: Network, options: ReplaceHeadOptions): ModelOptions {
  const where = `${model.where}.replaceHead`;
  checkOptions("replaceHead", options, ["head", "at", "seed"]);
  requireOptions("replaceHead", options, ["head"]);
  const { at, head, seed = model.seed } = options;
  const layers = [head].flat() as readonly Layer[];
  const wrong = layers.find((layer) => !(layer instanceof Layer));
  if (wrong !== undefined || layers.length === 0) throw wrongKind("replaceHead head", "layers", wrong ?? head, 'as in { head: [layers.dense({ units: 10, activation: "softmax" })] }');
  const body = at === undefined ? headInput(where, model) : valuesAt(where, model, [at])[0]!;
  const result = layers.reduce((x: SymbolicTensor, layer) => layer(x), body);
  return ending(model, [result], undefined, seed);
}

function ending(model: Network, values: readonly SymbolicTensor[], names: readonly string[] | undefined, seed: number | undefined): ModelOptions {
  const inputs = inputsOf(model, values);
  // A port of its own for an input that is also given as it is.
  const port = (name: string): string => (model.inputNames.includes(name) ? `${name}_` : name);
  const outputs = names === undefined ? values : Object.fromEntries(names.map((name, i) => [port(name), values[i]!]));
  return { inputs, outputs, ...(seed === undefined ? {} : { seed }) };
}
