import { mul } from "../../ops/elementwise/binary.js";
import { sigmoid } from "../../ops/elementwise/unary.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { expandDims, reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { badOption, knownDim, needAxis, needRank, numberWithin, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import { attend, HeadAxes, project, scoreMask } from "./heads.js";
import { type AttentionLayer, queryValueKey } from "./inputs.js";
import { allOf, stepMask } from "./mask.js";
import { HEAD_ARGUMENTS, type HeadArguments } from "./multiHeadAttention.js";
import { addProjection, penalized, PROJECTION_DEFAULTS, type ProjectionOptions } from "./projectionOptions.js";

/** Options of {@link groupedQueryAttention}. */
export interface GroupedQueryAttentionOptions extends ProjectionOptions {
  /** Size of each head. */
  readonly headDim: number;
  /** A multiple of numKeyValueHeads. */
  readonly numQueryHeads: number;
  /** As many query heads as numQueryHeads / numKeyValueHeads share keys and values. */
  readonly numKeyValueHeads: number;
}

/**
 * Multi-head attention in which groups of query heads share their keys and values.
 *
 * @shape [B,T,C], [B,S,E] → [B,T,C]
 * @throws BAD_ARGUMENT when numQueryHeads is no multiple of numKeyValueHeads
 * @source Ainslie et al. 2023
 * @example
 * const x = layers.input([10, 16]);
 * const attention = layers.groupedQueryAttention({ headDim: 4, numQueryHeads: 4, numKeyValueHeads: 2 });
 * const model = new Model({ inputs: x, outputs: attention(x, { useCausalMask: true }) });
 */
export const groupedQueryAttention: LayerFactory<GroupedQueryAttentionOptions, AttentionLayer<HeadArguments>> = defineLayer({
  className: "GroupedQueryAttention",
  inputDType: "float32",
  aliases: ["GroupQueryAttention"],
  defaults: {
    headDim: required<number>(),
    numQueryHeads: required<number>(),
    numKeyValueHeads: required<number>(),
    ...PROJECTION_DEFAULTS,
  },
  args: HEAD_ARGUMENTS,
  check: (config, where) => {
    const numKeyValueHeads = wholeNumber(where, "numKeyValueHeads", config.numKeyValueHeads);
    const numQueryHeads = wholeNumber(where, "numQueryHeads", config.numQueryHeads);
    if (numQueryHeads % numKeyValueHeads !== 0) {
      throw badOption(where, "numQueryHeads", `a multiple of numKeyValueHeads = ${numKeyValueHeads}`, numQueryHeads);
    }
    return {
      ...resolveNames(config),
      headDim: wholeNumber(where, "headDim", config.headDim),
      slidingWindow: config.slidingWindow === null ? null : wholeNumber(where, "slidingWindow", config.slidingWindow),
      dropout: numberWithin(where, "dropout", config.dropout, 0, 1, true),
    };
  },
  build: (context, query, value = query, key = value) => {
    const { headDim, numQueryHeads, numKeyValueHeads, useGate } = context.config;
    const features = knownDim(context.where, query, -1);
    const shared = [numKeyValueHeads, headDim];
    const q = addProjection(context, "query", [features], [numQueryHeads, headDim]);
    const k = addProjection(context, "key", [knownDim(context.where, key, -1)], shared);
    const gate = useGate ? addProjection(context, "gate", [features], [numQueryHeads, headDim]) : undefined;
    const v = addProjection(context, "value", [knownDim(context.where, value, -1)], shared);
    const output = addProjection(context, "attention_output", [numQueryHeads, headDim], [features]);
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
    needRank(where, query.shape, 3, "[batch, time, features]");
    needAxis(where, query.shape, -1, w.queryKernel.shape[0]!, "features of the query");
    needAxis(where, value.shape, -1, w.valueKernel.shape[0]!, "features of the value");
    needAxis(where, key.shape, -1, w.keyKernel.shape[0]!, "features of the key");
    const axes = new HeadAxes([1], 2);
    const [ofQuery, ofValue = inputs.length === 1 ? ofQuery : undefined, ofKey] = masks;
    const mask = allOf([
      args.attentionMask === null ? undefined : axes.expandMask(args.attentionMask, axes.sizes(query), axes.sizes(key)),
      scoreMask(ofQuery, "queries"),
      scoreMask(ofValue, "keys"),
      scoreMask(ofKey, "keys"),
      stepMask(query.shape[1]!, key.shape[1]!, args.useCausalMask, config.slidingWindow),
    ]);
    const q = axes.split(penalized(context, project(query, w.queryKernel, w.queryBias)));
    const k = repeatHeads(axes.split(penalized(context, project(key, w.keyKernel, w.keyBias))), config.numQueryHeads);
    const v = repeatHeads(axes.split(penalized(context, project(value, w.valueKernel, w.valueBias))), config.numQueryHeads);
    const { output, weights } = attend(context, q, k, v, { mask, dropout: config.dropout, shown: args.returnAttentionScores });
    let heads = axes.join(output, axes.sizes(query)); // [B,T,H,D]
    if (w.gateKernel !== undefined) heads = mul(heads, penalized(context, sigmoid(project(query, w.gateKernel, w.gateBias))));
    const y = penalized(context, project(heads, w.outputKernel, w.outputBias, 2));
    const outputs = args.returnAttentionScores ? [y, weights] : [y];
    // Unlike multiHeadAttention, Keras's layer penalises what it gives itself as well.
    return outputs.map((given) => penalized(context, given));
  },
  mask: ({ masks }) => [masks[0]],
});

/**
 * {@link groupedQueryAttention} under the name that older Keras has.
 *
 * @example
 * const attention = layers.groupQueryAttention({ headDim: 4, numQueryHeads: 4, numKeyValueHeads: 2 });
 */
export const groupQueryAttention = groupedQueryAttention;

/** Each head as often in a row as its group is large. [B,G,S,D] → [B,H,S,D] */
function repeatHeads(x: Tensor, heads: number): Tensor {
  const [batch, groups, steps, size] = x.shape as [number, number, number, number];
  const repeated = broadcastTo(expandDims(x, 2), [batch, groups, heads / groups, steps, size]);
  return reshape(repeated, [batch, heads, steps, size]);
}
