import { mul, add } from "../../ops/elementwise/binary.js";
import { tanh } from "../../ops/elementwise/unary.js";
import { where as choose } from "../../ops/elementwise/where.js";
import * as initializers from "../../initializers/index.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { sum } from "../../ops/reduce/reduce.js";
import { expandDims } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext } from "../definition.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { dropMask } from "../dropMask.js";
import { knownDim, needAxis, numberWithin, oneOf } from "../options.js";
import { type AttentionLayer, queryValueKey } from "./inputs.js";
import { allOf, loweredSoftmax, stepMask } from "./mask.js";

/** How queries and keys are compared: by their product, or by Σ tanh(query + key). */
export type ScoreMode = "dot" | "concat";

const SCORE_MODES: readonly ScoreMode[] = ["dot", "concat"];

/** Options of {@link attention}. */
export interface AttentionOptions {
  /** Whether scores are multiplied by a trained number. Default false. */
  readonly useScale?: boolean;
  /** Default dot. */
  readonly scoreMode?: ScoreMode;
  /** Share of attention weights dropped while training, from 0 to under 1. Default 0. */
  readonly dropout?: number;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

const ARGUMENTS = { useCausalMask: false, returnAttentionScores: false };

/**
 * For each query step the mean of the values, weighted by softmax(query · key). Called on a list
 * `[query, value]` or `[query, value, key]`, or on one tensor for self-attention.
 *
 * @shape [B,T,C], [B,S,E] → [B,T,E]
 * @source Luong et al. 2015
 * @example
 * const query = layers.input([4, 8]);
 * const value = layers.input([6, 8]);
 * const model = new Model({ inputs: [query, value], outputs: layers.attention()([query, value]) });
 */
export const attention: LayerFactory<AttentionOptions, AttentionLayer> = defineLayer({
  className: "Attention",
  inputDType: "float32",
  defaults: { useScale: false, scoreMode: "dot" as ScoreMode, dropout: 0, seed: null as number | null },
  args: ARGUMENTS,
  check: (config, where) => ({
    ...config,
    scoreMode: oneOf(where, "scoreMode", config.scoreMode, SCORE_MODES),
    dropout: numberWithin(where, "dropout", config.dropout, 0, 1, true),
  }),
  build: ({ config, addWeight }) => ({
    scale: config.useScale ? addWeight("scale", { shape: [], initializer: initializers.ones() }) : undefined,
    concatScoreWeight:
      config.scoreMode === "concat" ? addWeight("concat_score_weight", { shape: [], initializer: initializers.ones() }) : undefined,
  }),
  call: (context, ...inputs) => {
    const [query, value, key] = queryValueKey(context.where, inputs);
    needAxis(context.where, key.shape, -1, query.shape.at(-1)!, "features of the key like those of the query,");
    const { scale, concatScoreWeight } = context.weights;
    if (concatScoreWeight === undefined) {
      const scores = matmul(query, key, { transposeB: true }); // [B,T,S]
      return weigh(context, scale === undefined ? scores : mul(scores, scale), value, inputs.length);
    }
    const pairs = add(expandDims(query, -2), expandDims(key, -3)); // [B,T,S,C]
    const scores = sum(tanh(scale === undefined ? pairs : mul(pairs, scale)), { axes: -1 });
    return weigh(context, mul(scores, concatScoreWeight), value, inputs.length);
  },
  mask: ({ masks }) => [masks[0]],
});

/** Options of {@link additiveAttention}. */
export interface AdditiveAttentionOptions {
  /** Whether features are weighted by a trained vector. Default true. */
  readonly useScale?: boolean;
  /** Share of attention weights dropped while training, from 0 to under 1. Default 0. */
  readonly dropout?: number;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

/**
 * For each query step the mean of the values, weighted by softmax(Σ scale · tanh(query + key)).
 *
 * @shape [B,T,C], [B,S,E] → [B,T,E]
 * @source Bahdanau et al. 2014
 * @example
 * const query = layers.input([4, 8]);
 * const value = layers.input([6, 8]);
 * const model = new Model({ inputs: [query, value], outputs: layers.additiveAttention()([query, value]) });
 */
export const additiveAttention: LayerFactory<AdditiveAttentionOptions, AttentionLayer> = defineLayer({
  className: "AdditiveAttention",
  inputDType: "float32",
  defaults: { useScale: true, dropout: 0, seed: null as number | null },
  args: ARGUMENTS,
  check: (config, where) => ({ ...config, dropout: numberWithin(where, "dropout", config.dropout, 0, 1, true) }),
  build: ({ config, addWeight, where }, query) => ({
    scale: config.useScale
      ? addWeight("scale", { shape: [knownDim(where, query, -1)], initializer: initializers.glorotUniform() })
      : undefined,
  }),
  call: (context, ...inputs) => {
    const [query, value, key] = queryValueKey(context.where, inputs);
    const { scale } = context.weights;
    if (scale !== undefined) needAxis(context.where, query.shape, -1, scale.shape[0]!, "features of the query");
    needAxis(context.where, key.shape, -1, query.shape.at(-1)!, "features of the key like those of the query,");
    const pairs = tanh(add(expandDims(query, -2), expandDims(key, -3))); // [B,T,S,C]
    return weigh(context, sum(scale === undefined ? pairs : mul(pairs, scale), { axes: -1 }), value, inputs.length);
  },
  mask: ({ masks }) => [masks[0]],
});

/** The values' means by the softmax of the scores, which is the second output where it is asked for. */
function weigh(
  context: CallContext<{ readonly dropout: number }, object, typeof ARGUMENTS>,
  scores: Tensor, // [B,T,S]
  value: Tensor, // [B,S,E]
  inputs: number,
): Tensor | Tensor[] {
  const { args, config, masks } = context;
  const [ofQuery, ofValue = inputs === 1 ? ofQuery : undefined] = masks;
  const valid = ofValue && expandDims(ofValue, 1); // [B,1,S]
  const weights = loweredSoftmax(scores, allOf([valid, stepMask(scores.shape.at(-2)!, scores.shape.at(-1)!, args.useCausalMask)]));
  const drop = dropMask(context, config.dropout, weights.shape, weights.dtype);
  const mean = matmul(drop === undefined ? weights : mul(weights, drop), value);
  const y = ofQuery === undefined ? mean : choose(expandDims(ofQuery, -1), mean, 0);
  return args.returnAttentionScores ? [y, weights] : y;
}
