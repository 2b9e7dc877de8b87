import { NacreError, kindOf, wrongKind } from "../error.js";
import { Layer } from "../layers/layer.js";
import { SymbolicTensor } from "../layers/symbolic.js";
import { Model } from "./model.js";

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** What errors and summaries call it. Default `functional`. */
  readonly name?: string;
  /** Seed of the first weights. Default: the seed of the first `fit`, else 0. */
  readonly seed?: number;
}

/**
 * A model of layers in a row, the first of them `layers.input(shape)`.
 *
 * @throws BAD_ARGUMENT when the list does not begin with an input
 * @throws SHAPE_MISMATCH when a layer does not fit the one before it
 * @example
 * const model = sequential([layers.input([4]), layers.dense({ units: 8, activation: "relu" }), layers.dense({ units: 3 })]);
 */
export function sequential(layers: readonly (SymbolicTensor | Layer)[], options: SequentialOptions = {}): Model {
  if (!Array.isArray(layers)) {
    throw wrongKind("sequential", "a list of layers", layers, "as in sequential([layers.input([4]), layers.dense({ units: 1 })])");
  }
  const [input, ...rest] = layers as readonly (SymbolicTensor | Layer)[];
  if (!(input instanceof SymbolicTensor) || rest.length === 0) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "sequential",
      expected: "layers.input(shape) followed by at least one layer",
      received: layers.length === 0 ? "an empty list" : input instanceof SymbolicTensor ? "an input alone" : "a layer first",
      fix: "begin the list with layers.input([…]), the shape of one sample",
    });
  }
  const output = rest.reduce<SymbolicTensor>((x, layer, i) => {
    if (!(layer instanceof Layer)) throw notALayer(i + 1, layer);
    const outputs = layer.callAll(x);
    if (outputs.length !== 1) throw manyOutputs(i + 1, outputs.length);
    return outputs[0]!;
  }, input);
  return new Model({ inputs: input, outputs: output, ...options });
}

function manyOutputs(position: number, count: number): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `sequential, position ${position}`,
    expected: "a layer with one output",
    received: `one with ${count}`,
    fix: "build the model from symbolic tensors: new Model({ inputs, outputs })",
  });
}

function notALayer(position: number, value: unknown): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `sequential, position ${position}`,
    expected: "a layer",
    received: value instanceof SymbolicTensor ? "a second input" : kindOf(value),
    fix: "call the layer's factory, as in layers.flatten()",
  });
}
