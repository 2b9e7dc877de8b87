import * as layers from "../../layers/index.js";
import type { SymbolicTensor } from "../../layers/symbolic.js";
import { resolveOptions } from "../../options.js";
import { Model } from "../model.js";
import { checkHeads } from "./check.js";

/** Options of {@link transformer}. */
export interface TransformerModelOptions {
  /** How many token ids source and target have together; id 0 is padding. Default 37000. */
  readonly vocabularySize?: number;
  /** Tokens in a source. Default 128. */
  readonly sourceLength?: number;
  /** Tokens in a target. Default 128. */
  readonly targetLength?: number;
  /** Size of each token's vector, a multiple of numHeads. Default 512. */
  readonly hiddenDim?: number;
  /** Heads of attention. Default 8. */
  readonly numHeads?: number;
  /** Size of the hidden layer after attention. Default 2048. */
  readonly intermediateDim?: number;
  /** Blocks of the encoder, and of the decoder. Default 6. */
  readonly numLayers?: number;
  /** Share of elements dropped while training, from 0 to under 1. Default 0.1. */
  readonly dropout?: number;
  /** Of the model. Default transformer. */
  readonly name?: string;
}

const DEFAULTS: Required<TransformerModelOptions> = {
  vocabularySize: 37000,
  sourceLength: 128,
  targetLength: 128,
  hiddenDim: 512,
  numHeads: 8,
  intermediateDim: 2048,
  numLayers: 6,
  dropout: 0.1,
  name: "transformer",
};

/**
 * The transformer of "Attention is all you need", which turns one sequence into another without
 * recurrence. The defaults are its base model, with one table for source, target and output:
 * 63,082,496 parameters, 44,138,496 of them in the blocks.
 *
 * Its inputs are `source` and `target`, the wanted tokens moved on by one behind a start token; its
 * output are logits of the wanted tokens, for sparseCategoricalCrossentropy({ fromLogits: true }).
 *
 * @throws BAD_ARGUMENT when hiddenDim is no multiple of numHeads
 * @shape [B,S] int32, [B,T] int32 → [B,T,vocabularySize]
 * @source Vaswani et al. 2017
 * @example
 * const model = transformer({ vocabularySize: 50, sourceLength: 6, targetLength: 5, hiddenDim: 16, numHeads: 2, intermediateDim: 32, numLayers: 1 });
 * console.log(model.inputNames, model.outputs[0].shape); // [source, target] [batch, 5, 50]
 */
export function transformer(options: TransformerModelOptions = {}): Model {
  const config = resolveOptions("transformer", DEFAULTS, options);
  const { vocabularySize, sourceLength, targetLength, hiddenDim, numHeads, intermediateDim, numLayers, dropout, name } = config;
  checkHeads("transformer", hiddenDim, numHeads);
  const block = { intermediateDim, numHeads, dropout };
  const table = layers.reversibleEmbedding({
    inputDim: vocabularySize,
    outputDim: hiddenDim,
    maskZero: true,
    embeddingsInitializer: "glorotUniform",
    name: "token_embedding",
  });
  const embed = (tokens: SymbolicTensor, part: string): SymbolicTensor => {
    const x = layers.rescaling({ scale: Math.sqrt(hiddenDim), name: `${part}_scale` })(table(tokens));
    const placed = layers.add({ name: `${part}_embedding` })([x, layers.sineCosinePosition({ name: `${part}_positions` })(x)]);
    return dropout > 0 ? layers.dropout({ rate: dropout, name: `${part}_dropout` })(placed) : placed;
  };

  const source = layers.input([sourceLength], { dtype: "int32", name: "source" });
  let encoded = embed(source, "source");
  for (let i = 0; i < numLayers; i++) encoded = layers.transformerEncoder({ ...block, name: `encoder_${i}` })(encoded);

  const target = layers.input([targetLength], { dtype: "int32", name: "target" });
  let x = embed(target, "target");
  for (let i = 0; i < numLayers; i++) x = layers.transformerDecoder({ ...block, name: `decoder_${i}` })([x, encoded]);
  return new Model({ inputs: [source, target], outputs: table(x, { reverse: true }), name });
}
