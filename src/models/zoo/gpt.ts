import { randomNormal } from "../../initializers/index.js";
import * as layers from "../../layers/index.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkHeads } from "./check.js";

/** Options of {@link gpt}. */
export interface GptOptions {
  /** How many token ids there are. Default 50257. */
  readonly vocabularySize?: number;
  /** Tokens in a sequence. Default 1024. */
  readonly sequenceLength?: number;
  /** Size of each token's vector, a multiple of numHeads. Default 768. */
  readonly hiddenDim?: number;
  /** Heads of attention. Default 12. */
  readonly numHeads?: number;
  /** Size of the hidden layer after attention. Default 4 · hiddenDim. */
  readonly intermediateDim?: number;
  /** Blocks of attention and hidden layer. Default 12. */
  readonly numLayers?: number;
  /** Share of elements dropped while training, from 0 to under 1. Default 0.1. */
  readonly dropout?: number;
  /** Of the model. Default gpt. */
  readonly name?: string;
}

const DEFAULTS = {
  vocabularySize: 50257,
  sequenceLength: 1024,
  hiddenDim: 768,
  numHeads: 12,
  intermediateDim: undefined as number | undefined,
  numLayers: 12,
  dropout: 0.1,
  name: "gpt",
};

/**
 * A language model: a transformer whose tokens look back only, and foretell the token after them.
 * The defaults are those of the small GPT-2, with 124,439,808 parameters; tokens are read and
 * foretold by one table. Its GELU is the exact one.
 *
 * Its output are logits; the label of a sequence is the sequence moved back by one token, for
 * sparseCategoricalCrossentropy({ fromLogits: true }).
 *
 * @throws BAD_ARGUMENT when hiddenDim is no multiple of numHeads
 * @shape [B,T] int32 → [B,T,vocabularySize]
 * @source Radford et al. 2019
 * @example
 * const model = gpt({ vocabularySize: 65, sequenceLength: 16, hiddenDim: 32, numHeads: 2, numLayers: 2 });
 * console.log(model.outputs[0].shape); // [batch, 16, 65]
 */
export function gpt(options: GptOptions = {}): Model {
  const config = resolveOptions("gpt", DEFAULTS, options as Partial<typeof DEFAULTS>);
  const { vocabularySize, sequenceLength, hiddenDim, numHeads, numLayers, dropout, name } = config;
  checkHeads("gpt", hiddenDim, numHeads);
  const initializer = randomNormal({ stddev: 0.02 });
  const block = {
    intermediateDim: config.intermediateDim ?? 4 * hiddenDim,
    numHeads,
    dropout,
    activation: "gelu",
    normalizeFirst: true,
    kernelInitializer: initializer,
  } as const;

  const tokens = layers.input([sequenceLength], { dtype: "int32" });
  const table = layers.reversibleEmbedding({ inputDim: vocabularySize, outputDim: hiddenDim, embeddingsInitializer: initializer, name: "token_embedding" });
  const embedded = table(tokens); // [B,T,C]
  const positions = layers.positionEmbedding({ sequenceLength, initializer, name: "position_embedding" })(embedded);
  let x = layers.add({ name: "embedding" })([embedded, positions]);
  if (dropout > 0) x = layers.dropout({ rate: dropout, name: "embedding_dropout" })(x);
  for (let i = 0; i < numLayers; i++) x = layers.transformerDecoder({ ...block, name: `block_${i}` })(x);
  x = layers.layerNormalization({ epsilon: 1e-5, name: "final_norm" })(x);
  return new Model({ inputs: tokens, outputs: table(x, { reverse: true }), name });
}
