import { NacreError } from "../../error.js";
import type { Layer } from "../../layers/layer.js";
import { SymbolicTensor } from "../../layers/symbolic.js";
import { Model } from "../model.js";
import { camelCase } from "./kerasConfig.js";

/** Arguments of a call in a file, with tensors in their places. */
export interface KerasCall {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** The inputs that layers take as arguments of their own, in order. */
const INPUTS = ["inputs", "sequences", "query", "value", "key"];

/** The masks of the inputs that layers with heads take. */
const MASKS = ["query_mask", "value_mask", "key_mask"];

/** Layers that may be given states to begin with. */
export const STATEFUL = /^(SimpleRNN|LSTM|GRU|RNN|Bidirectional|ConvLSTM\dD)$/;

/** What stands behind the input where arguments are given by place. */
const PLACES: readonly (readonly [classes: RegExp, names: readonly string[]])[] = [
  [/^(MultiHead|GroupedQuery)Attention$/, ["value", "key", ...MASKS, "attention_mask", "return_attention_scores", "training", "use_causal_mask"]],
  [STATEFUL, ["initial_state", "mask", "training"]],
  [/^(Additive)?Attention$/, ["mask", "training", "return_attention_scores", "use_causal_mask"]],
  [/^ReversibleEmbedding$/, ["reverse"]],
  [/^Softmax$/, ["mask"]],
  [/./, ["training", "mask"]],
];

/** Layers that are told to train and do the same either way. */
const SAME_IN_TRAINING = /^(Resizing|CenterCrop|Rescaling)$/;

/** Adds the call of a layer to a model. @throws UNSUPPORTED when it has arguments that the layer has not here */
export function callLayer(layer: Layer, { args, kwargs }: KerasCall): readonly SymbolicTensor[] {
  const [first, ...rest] = args;
  const names = PLACES.find(([classes]) => classes.test(layer.className))![1];
  if (rest.length > names.length) throw notPassed(layer, `${args.length} arguments by place`);
  const named: Record<string, unknown> = { ...Object.fromEntries(rest.map((value, i) => [names[i]!, value])), ...kwargs };
  const inputs = [first, ...INPUTS.map((name) => named[name])].flatMap((value) => tensorsIn(layer, value));
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(named)) {
    if (isNothing(value) || INPUTS.includes(name)) continue;
    if (name === "training" && (value === false || SAME_IN_TRAINING.test(layer.className))) continue;
    if (name === "training") throw notPassed(layer, `training=${JSON.stringify(value)}, whatever the model does`);
    // A model inside takes the masks that travel with its inputs, which are these.
    if (name === "mask" && layer instanceof Model && inputs.every(({ masked }) => masked)) continue;
    if (!MASKS.includes(name)) given[camelCase(name)] = value;
  }
  const masks = MASKS.map((name) => named[name] ?? null).slice(0, inputs.length);
  // Keras overwrites this one argument with the mask that travels with the query.
  if (layer.className === "MultiHeadAttention" && inputs[0]?.masked === false) masks[0] = null;
  if (!isNothing(masks)) given["mask"] = masks;
  // Keras hands a mask on of itself only where there is one argument of tensors.
  if (STATEFUL.test(layer.className) && "initialState" in given && !("mask" in given)) given["mask"] = [null];
  return layer.callAll(inputs.length === 1 ? inputs[0]! : inputs, given);
}

/** The tensors that an input argument holds: one, a list, or an object by the names of a model's inputs. */
function tensorsIn(layer: Layer, value: unknown): SymbolicTensor[] {
  if (value === null || value === undefined) return [];
  if (value instanceof SymbolicTensor) return [value];
  if (Array.isArray(value)) return value.flatMap((item) => tensorsIn(layer, item));
  if (typeof value !== "object" || !(layer instanceof Model)) throw notPassed(layer, "an input that is no tensor");
  const record = value as Readonly<Record<string, unknown>>;
  return layer.inputNames.flatMap((name) => tensorsIn(layer, Object.hasOwn(record, name) ? record[name] : undefined));
}

/** Whether an argument says nothing, such as a list of masks for inputs that have none. */
function isNothing(value: unknown): boolean {
  if (value instanceof SymbolicTensor) return false;
  return value === null || value === undefined || (typeof value === "object" && Object.values(value).every(isNothing) && Object.values(value).length > 0);
}

function notPassed(layer: Layer, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `Keras model, call of ${layer.where}`,
    expected: "tensors, and arguments that the layer takes here",
    received,
    fix: "leave the argument away in Keras, and save the model again",
  });
}
