import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkSizes } from "./check.js";

/** Options of {@link biLstmClassifier}. */
export interface BiLstmClassifierOptions {
  /** How many token ids there are; id 0 is padding. Default 20000. */
  readonly vocabularySize?: number;
  /** Tokens in a text. Default 200. */
  readonly sequenceLength?: number;
  /** Size of each token's vector. Default 128. */
  readonly embeddingDim?: number;
  /** Units of each layer, in each direction. Default [64, 64]. */
  readonly units?: readonly number[];
  /** 2 is told by one probability, more by one each. Default 2. */
  readonly classes?: number;
  /** Share of units dropped before the last layer while training, from 0 to under 1. Default 0. */
  readonly dropout?: number;
  /** Of the model. Default bilstm_classifier. */
  readonly name?: string;
}

const DEFAULTS: Required<BiLstmClassifierOptions> = {
  vocabularySize: 20000,
  sequenceLength: 200,
  embeddingDim: 128,
  units: [64, 64],
  classes: 2,
  dropout: 0,
  name: "bilstm_classifier",
};

/**
 * Sorts texts: token vectors are read by LSTMs from both ends, and the last states of both
 * directions decide. With the defaults 2,757,761 parameters; labels of two classes are 0 and 1, for
 * binaryCrossentropy.
 *
 * @shape [B,T] int32 → [B,1], or [B,classes] for more than two
 * @source Schuster, Paliwal 1997; sizes of the example in Keras's documentation
 * @example
 * const model = biLstmClassifier({ vocabularySize: 100, sequenceLength: 8, embeddingDim: 8, units: [4] });
 * console.log(model.outputs[0].shape); // [batch, 1]
 */
export function biLstmClassifier(options: BiLstmClassifierOptions = {}): Model {
  const config = resolveOptions("biLstmClassifier", DEFAULTS, options);
  const { vocabularySize, sequenceLength, embeddingDim, units, classes, dropout, name } = config;
  checkSizes("biLstmClassifier", "units", units);
  const tokens = layers.input([sequenceLength], { dtype: "int32" });
  let x = layers.embedding({ inputDim: vocabularySize, outputDim: embeddingDim, maskZero: true })(tokens); // [B,T,C]
  for (const [i, count] of units.entries()) {
    const returnSequences = i < units.length - 1;
    x = layers.bidirectional({ layer: layers.lstm({ units: count, returnSequences }) })(x);
  }
  if (dropout > 0) x = layers.dropout({ rate: dropout })(x);
  const y = layers.dense({ units: classes === 2 ? 1 : classes, activation: classes === 2 ? "sigmoid" : "softmax", name: "predictions" })(x);
  return new Model({ inputs: tokens, outputs: y, name });
}
