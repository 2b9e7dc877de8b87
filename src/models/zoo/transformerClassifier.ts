import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkHeads } from "./check.js";

/** Options of {@link transformerClassifier}. */
export interface TransformerClassifierOptions {
  /** How many token ids there are; id 0 is padding. Default 20000. */
  readonly vocabularySize?: number;
  /** Tokens in a text. Default 200. */
  readonly sequenceLength?: number;
  /** Size of each token's vector, a multiple of numHeads. Default 32. */
  readonly hiddenDim?: number;
  /** Heads of attention. Default 2. */
  readonly numHeads?: number;
  /** Size of the hidden layer after attention. Default 32. */
  readonly intermediateDim?: number;
  /** Blocks of attention and hidden layer. Default 1. */
  readonly numLayers?: number;
  /** Default 2. */
  readonly classes?: number;
  /** Share of elements dropped while training, from 0 to under 1. Default 0.1. */
  readonly dropout?: number;
  /** Of the model. Default transformer_classifier. */
  readonly name?: string;
}

const DEFAULTS: Required<TransformerClassifierOptions> = {
  vocabularySize: 20000,
  sequenceLength: 200,
  hiddenDim: 32,
  numHeads: 2,
  intermediateDim: 32,
  numLayers: 1,
  classes: 2,
  dropout: 0.1,
  name: "transformer_classifier",
};

/**
 * Sorts texts by a transformer's encoder: each token looks at all others, and the mean of what they
 * found decides. Larger sizes make it a BERT without pretraining.
 *
 * @throws BAD_ARGUMENT when hiddenDim is no multiple of numHeads
 * @shape [B,T] int32 → [B,classes]
 * @source Vaswani et al. 2017; sizes of the example in Keras's documentation
 * @example
 * const model = transformerClassifier({ vocabularySize: 100, sequenceLength: 8, hiddenDim: 16 });
 * console.log(model.outputs[0].shape); // [batch, 2]
 */
export function transformerClassifier(options: TransformerClassifierOptions = {}): Model {
  const config = resolveOptions("transformerClassifier", DEFAULTS, options);
  const { vocabularySize, sequenceLength, hiddenDim, numHeads, intermediateDim, numLayers, classes, dropout, name } = config;
  checkHeads("transformerClassifier", hiddenDim, numHeads);
  const tokens = layers.input([sequenceLength], { dtype: "int32" });
  let x = layers.embedding({ inputDim: vocabularySize, outputDim: hiddenDim, maskZero: true, name: "token_embedding" })(tokens);
  x = layers.add({ name: "embedding" })([x, layers.positionEmbedding({ sequenceLength, name: "position_embedding" })(x)]);
  for (let i = 0; i < numLayers; i++) {
    x = layers.transformerEncoder({ intermediateDim, numHeads, dropout, name: `encoder_${i}` })(x);
  }
  x = layers.globalAveragePooling1d({ name: "mean" })(x); // of the steps that are no padding
  if (dropout > 0) x = layers.dropout({ rate: dropout })(x);
  const y = layers.dense({ units: classes, activation: "softmax", name: "predictions" })(x);
  return new Model({ inputs: tokens, outputs: y, name });
}
