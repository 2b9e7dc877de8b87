import { mul } from "../../ops/elementwise/binary.js";
import { sigmoid } from "../../ops/elementwise/unary.js";
import { reshape } from "../../ops/shape/reshape.js";
import { normalizeAxes, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { knownDim, needAxis, numberWithin, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import type { SymbolicTensor } from "../symbolic.js";
import { attend, HeadAxes, project, scoreMask } from "./heads.js";
import { type AttentionArguments, type AttentionLayer, queryValueKey } from "./inputs.js";
import { allOf, stepMask } from "./mask.js";
import { addProjection, penalized, PROJECTION_DEFAULTS, type ProjectionOptions } from "./projectionOptions.js";

/** Options of {@link multiHeadAttention}. */
export interface MultiHeadAttentionOptions extends ProjectionOptions {
  /** At least 1. */
  readonly numHeads: number;
  /** Size of each head's queries and keys. */
  readonly keyDim: number;
  /** Size of each head's values. Default: keyDim. */
  readonly valueDim?: number | null;
  /** Shape of one output step. Default: the query's features. */
  readonly outputShape?: number | readonly number[] | null;
  /** The axes along which heads look, the batch being 0. Default: all between batch and features. */
  readonly attentionAxes?: number | readonly number[] | null;
}

/** Arguments of a call with heads. */
export interface HeadArguments extends AttentionArguments {
  /** Which query may look at which key: bool [B,T,S], or [B,H,T,S] to tell heads apart. Default all. */
  readonly attentionMask?: SymbolicTensor | null;
}

/** The arguments of layers with heads, with their defaults. */
export const HEAD_ARGUMENTS = {
  attentionMask: null as Tensor | null,
  useCausalMask: false,
  returnAttentionScores: false,
};

/**
 * Several heads, each of which takes for each query step the mean of the values, weighted by
 * softmax(query · key / √keyDim); together they are projected to the output. Called on one tensor
 * it is self-attention, on a list `[query, value]` or `[query, value, key]` it looks at another one.
 *
 * @shape [B,T,C], [B,S,E] → [B,T,C]
 * @throws SHAPE_MISMATCH when query, value and key do not fit each other or the weights
 * @source Vaswani et al. 2017
 * @example
 * const x = layers.input([10, 16]);
 * const attention = layers.multiHeadAttention({ numHeads: 2, keyDim: 8 });
 * const model = new Model({ inputs: x, outputs: attention(x, { useCausalMask: true }) });
 */
export const multiHeadAttention: LayerFactory<MultiHeadAttentionOptions, AttentionLayer<HeadArguments>> = defineLayer({
  className: "MultiHeadAttention",
  inputDType: "float32",
  defaults: {
    numHeads: required<number>(),
    keyDim: required<number>(),
    valueDim: null as number | null,
    outputShape: null as number | readonly number[] | null,
    attentionAxes: null as number | readonly number[] | null,
    ...PROJECTION_DEFAULTS,
  },
  args: HEAD_ARGUMENTS,
  check: (config, where) => ({
    ...resolveNames(config),
    numHeads: wholeNumber(where, "numHeads", config.numHeads),
    keyDim: wholeNumber(where, "keyDim", config.keyDim),
    valueDim: config.valueDim === null ? null : wholeNumber(where, "valueDim", config.valueDim),
    slidingWindow: config.slidingWindow === null ? null : wholeNumber(where, "slidingWindow", config.slidingWindow),
    dropout: numberWithin(where, "dropout", config.dropout, 0, 1, true),
  }),
  build: (context, query, value = query, key = value) => {
    const { config, where } = context;
    const { numHeads, keyDim, valueDim, outputShape, useGate } = config;
    const features = knownDim(where, query, -1);
    const values = [numHeads, valueDim ?? keyDim];
    const q = addProjection(context, "query", [features], [numHeads, keyDim]);
    const k = addProjection(context, "key", [knownDim(where, key, -1)], [numHeads, keyDim]);
    const gate = useGate ? addProjection(context, "gate", [features], values) : undefined;
    const v = addProjection(context, "value", [knownDim(where, value, -1)], values);
    const output = addProjection(context, "attention_output", values, outputShape === null ? [features] : [outputShape].flat());
    return {
      queryKernel: q.kernel,
      queryBias: q.bias,
      keyKernel: k.kernel,
      keyBias: k.bias,
      gateKernel: gate?.kernel,
      gateBias: gate?.bias,
      valueKernel: v.kernel,
      valueBias: v.bias,
      outputKernel: output.kernel,
      outputBias: output.bias,
    };
  },
  call: (context, ...inputs) => {
    const { args, config, masks, weights: w, where } = context;
    const [query, value, key] = queryValueKey(where, inputs);
    needAxis(where, query.shape, -1, w.queryKernel.shape[0]!, "features of the query");
    needAxis(where, value.shape, -1, w.valueKernel.shape[0]!, "features of the value");
    needAxis(where, key.shape, -1, w.keyKernel.shape[0]!, "features of the key");
    const all = Array.from({ length: query.rank - 2 }, (_, i) => i + 1);
    const given = config.attentionAxes === null ? all : normalizeAxes(config.attentionAxes, query.rank - 1, where);
    const axes = new HeadAxes(given, query.rank - 1);
    const [queries, keys] = [axes.sizes(query), axes.sizes(key)];
    // Masks that travel with sequences speak of steps, which only inputs of rank 3 have.
    const [ofQuery, ofValue, ofKey] = query.rank === 3 ? masks : [];
    const steps = stepMask(symbolicSize(queries), symbolicSize(keys), args.useCausalMask, config.slidingWindow);
    const mask = allOf([
      args.attentionMask === null ? undefined : axes.expandMask(args.attentionMask, queries, keys),
      scoreMask(ofQuery, "queries"),
      scoreMask(inputs.length === 1 ? ofQuery : ofValue, "keys"),
      scoreMask(ofKey, "keys"),
      steps,
    ]);
    const [q, k, v] = [
      axes.split(penalized(context, project(query, w.queryKernel, w.queryBias))),
      axes.split(penalized(context, project(key, w.keyKernel, w.keyBias))),
      axes.split(penalized(context, project(value, w.valueKernel, w.valueBias))),
    ];
    const { output, weights } = attend(context, q, k, v, { mask, dropout: config.dropout, shown: args.returnAttentionScores || query.rank > 3 });
    let heads = axes.join(output, queries); // [B,T,H,E]
    if (w.gateKernel !== undefined) heads = mul(heads, penalized(context, sigmoid(project(query, w.gateKernel, w.gateBias))));
    const y = penalized(context, project(heads, w.outputKernel, w.outputBias, 2));
    if (!args.returnAttentionScores) return y;
    return [y, reshape(weights, [...weights.shape.slice(0, -2), ...queries, ...keys])];
  },
  mask: ({ masks }) => [masks[0]],
});
