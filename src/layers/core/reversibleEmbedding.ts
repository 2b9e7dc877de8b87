import { div, mul } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { notEqual } from "../../ops/elementwise/compare.js";
import { tanh } from "../../ops/elementwise/unary.js";
import { gather } from "../../ops/indexing/gather.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { defineLayer, type LayerFactory } from "../define.js";
import type { Layer, MaskArgument, SymbolicInputs } from "../layer.js";
import { needAxis, numberWithin, wholeNumber } from "../options.js";
import { addParameter, resolveNames } from "../parameters.js";
import type { SymbolicTensor } from "../symbolic.js";
import { EMBEDDING_DEFAULTS, type EmbeddingOptions } from "./embedding.js";

/** Options of {@link reversibleEmbedding}. */
export interface ReversibleEmbeddingOptions extends EmbeddingOptions {
  /** Whether the way back uses the same table. Default true. */
  readonly tieWeights?: boolean;
  /** Logits are kept within ± this, by soft cap · tanh(x / soft cap); null for no bound. Default null. */
  readonly logitSoftCap?: number | null;
}

/** What a call may say beside its input. */
export interface ReversibleEmbeddingArguments extends MaskArgument {
  /** Whether vectors lead back to a logit for each id. Default false. */
  readonly reverse?: boolean;
}

/** A table that is called on ids or, reversed, on vectors. */
export interface ReversibleEmbeddingLayer extends Layer {
  (inputs: SymbolicInputs, args?: ReversibleEmbeddingArguments): SymbolicTensor;
}

/**
 * A table of trained vectors, one for each whole-number id, that also leads back: called with
 * `{ reverse: true }`, it gives a logit for each id, x · tableᵀ.
 *
 * @shape [B,T] int32 → [B,T,outputDim]; reversed [B,T,outputDim] → [B,T,inputDim]
 * @throws ENGINE_FAILED when an id lies outside the table
 * @example
 * const ids = layers.input([10], { dtype: "int32" });
 * const table = layers.reversibleEmbedding({ inputDim: 100, outputDim: 8 });
 * const model = new Model({ inputs: ids, outputs: table(table(ids), { reverse: true }) });
 */
export const reversibleEmbedding: LayerFactory<ReversibleEmbeddingOptions, ReversibleEmbeddingLayer> = defineLayer({
  className: "ReversibleEmbedding",
  defaults: { ...EMBEDDING_DEFAULTS, tieWeights: true, logitSoftCap: null as number | null },
  args: { reverse: false },
  check: (config, where) => ({
    ...resolveNames(config),
    inputDim: wholeNumber(where, "inputDim", config.inputDim),
    outputDim: wholeNumber(where, "outputDim", config.outputDim),
    logitSoftCap: config.logitSoftCap === null ? null : numberWithin(where, "logitSoftCap", config.logitSoftCap, Number.MIN_VALUE, Infinity),
  }),
  build: (context) => {
    const { inputDim, outputDim, tieWeights } = context.config;
    const embeddings = addParameter(context, "embeddings", [inputDim, outputDim]);
    if (tieWeights) return { embeddings, reverseEmbeddings: undefined };
    const config = { ...context.config, embeddingsRegularizer: null, embeddingsConstraint: null };
    return { embeddings, reverseEmbeddings: addParameter({ ...context, config }, "embeddings", [outputDim, inputDim], "reverseEmbeddings") };
  },
  call: ({ config, where, args, weights }, x) => {
    if (!args.reverse) return gather(weights.embeddings, cast(x, "int32"), 0);
    needAxis(where, x.shape, -1, config.outputDim, "last axis");
    const { embeddings, reverseEmbeddings } = weights;
    const logits = reverseEmbeddings === undefined ? matmul(x, embeddings, { transposeB: true }) : matmul(x, reverseEmbeddings);
    return config.logitSoftCap === null ? logits : mul(tanh(div(logits, config.logitSoftCap)), config.logitSoftCap);
  },
  mask: ({ config, args }, x) => (config.maskZero && !args.reverse ? notEqual(cast(x, "int32"), 0) : undefined),
});
