import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import { notEqual } from "../../ops/elementwise/compare.js";
import { cast } from "../../ops/elementwise/cast.js";
import { gather } from "../../ops/indexing/gather.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { wholeNumber } from "../options.js";
import { addParameter, resolveNames } from "../parameters.js";

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** How many ids there are; ids run from 0 to inputDim − 1. */
  readonly inputDim: number;
  /** Size of each id's vector. */
  readonly outputDim: number;
  /** Default uniform in [−0.05, 0.05]. */
  readonly embeddingsInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly embeddingsRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly embeddingsConstraint?: ConstraintLike | null;
  /** Whether id 0 is padding, masked in later layers. Default false. */
  readonly maskZero?: boolean;
}

/** Keras's defaults of {@link EmbeddingOptions}. */
export const EMBEDDING_DEFAULTS = {
  inputDim: required<number>(),
  outputDim: required<number>(),
  embeddingsInitializer: "randomUniform" as InitializerLike,
  embeddingsRegularizer: null as RegularizerLike | null,
  embeddingsConstraint: null as ConstraintLike | null,
  maskZero: false,
};

/**
 * A table of trained vectors, one for each whole-number id.
 *
 * @shape [B,T] int32 → [B,T,outputDim]
 * @throws ENGINE_FAILED when an id lies outside the table
 * @example
 * const model = sequential([layers.input([10], { dtype: "int32" }), layers.embedding({ inputDim: 100, outputDim: 8 })]);
 */
export const embedding: LayerFactory<EmbeddingOptions> = defineLayer({
  className: "Embedding",
  defaults: EMBEDDING_DEFAULTS,
  check: (config, where) => ({
    ...resolveNames(config),
    inputDim: wholeNumber(where, "inputDim", config.inputDim),
    outputDim: wholeNumber(where, "outputDim", config.outputDim),
  }),
  build: (context) => ({
    embeddings: addParameter(context, "embeddings", [context.config.inputDim, context.config.outputDim]),
  }),
  call: ({ weights }, ids) => gather(weights.embeddings, cast(ids, "int32"), 0),
  mask: ({ config }, ids) => (config.maskZero ? notEqual(cast(ids, "int32"), 0) : undefined),
});
