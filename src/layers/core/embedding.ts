import * as constraints from "../../constraints/index.js";
import type { ConstraintLike } from "../../constraints/index.js";
import * as initializers from "../../initializers/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import * as regularizers from "../../regularizers/index.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import { notEqual } from "../../ops/elementwise/compare.js";
import { cast } from "../../ops/elementwise/cast.js";
import { gather } from "../../ops/indexing/gather.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { wholeNumber } from "../options.js";

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** How many ids there are; ids run from 0 to inputDim − 1. */
  readonly inputDim: number;
  /** Size of each id's vector. */
  readonly outputDim: number;
  /** Default uniform in [−0.05, 0.05]. */
  readonly embeddingsInitializer?: InitializerLike;
  readonly embeddingsRegularizer?: RegularizerLike | null;
  readonly embeddingsConstraint?: ConstraintLike | null;
  /** Whether id 0 is padding, masked in later layers. Default false. */
  readonly maskZero?: boolean;
}

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
  defaults: {
    inputDim: required<number>(),
    outputDim: required<number>(),
    embeddingsInitializer: "randomUniform" as InitializerLike,
    embeddingsRegularizer: null as RegularizerLike | null,
    embeddingsConstraint: null as ConstraintLike | null,
    maskZero: false,
  },
  check: (config, where) => ({
    ...config,
    inputDim: wholeNumber(where, "inputDim", config.inputDim),
    outputDim: wholeNumber(where, "outputDim", config.outputDim),
    embeddingsInitializer: initializers.get(config.embeddingsInitializer),
    embeddingsRegularizer: config.embeddingsRegularizer && regularizers.get(config.embeddingsRegularizer),
    embeddingsConstraint: config.embeddingsConstraint && constraints.get(config.embeddingsConstraint),
  }),
  build: ({ config, addWeight }) => ({
    embeddings: addWeight("embeddings", {
      shape: [config.inputDim, config.outputDim],
      initializer: initializers.get(config.embeddingsInitializer),
      regularizer: config.embeddingsRegularizer && regularizers.get(config.embeddingsRegularizer),
      constraint: config.embeddingsConstraint && constraints.get(config.embeddingsConstraint),
    }),
  }),
  call: ({ weights }, ids) => gather(weights.embeddings, cast(ids, "int32"), 0),
  mask: ({ config }, ids) => (config.maskZero ? notEqual(cast(ids, "int32"), 0) : undefined),
});
