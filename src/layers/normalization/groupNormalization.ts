import { add, mul, sub } from "../../ops/elementwise/binary.js";
import { rsqrt, square } from "../../ops/elementwise/unary.js";
import { mean } from "../../ops/reduce/reduce.js";
import { reshape } from "../../ops/shape/reshape.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { badOption, knownDim, needAxis, numberWithin, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import { addScale, SCALE_DEFAULTS, type ScaleOptions } from "./scale.js";

/** Options of {@link groupNormalization}. */
export interface GroupNormalizationOptions extends ScaleOptions {
  /** Groups that the channels are cut into, a divisor of their number; −1 for as many as channels. Default 32. */
  readonly groups?: number;
  /** The channel axis. Default −1. */
  readonly axis?: number;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
}

/**
 * Each group of channels of each sample brought to mean 0 and variance 1: (x − μ) / √(σ² + ε) · γ + β,
 * with γ and β a channel.
 *
 * @shape [B,...,C] → [B,...,C]
 * @throws BAD_ARGUMENT when groups does not divide the channels
 * @source Wu, He 2018
 * @example
 * const model = sequential([layers.input([8, 8, 6]), layers.groupNormalization({ groups: 3 })]);
 */
export const groupNormalization: LayerFactory<GroupNormalizationOptions> = defineLayer({
  className: "GroupNormalization",
  inputDType: "float32",
  defaults: { groups: 32, axis: -1, epsilon: 1e-3, ...SCALE_DEFAULTS },
  check: (config, where) => ({
    ...resolveNames(config),
    groups: config.groups === -1 ? -1 : wholeNumber(where, "groups", config.groups),
    epsilon: numberWithin(where, "epsilon", config.epsilon, 0, Infinity),
  }),
  build: (context, shape) => {
    const { config, where } = context;
    const channels = knownDim(where, shape, channelAxis(config.axis, shape.length, where));
    if (config.groups !== -1 && channels % config.groups !== 0) {
      throw badOption(where, "groups", `a divisor of the input's ${channels} channels`, config.groups);
    }
    return addScale(context, [channels]);
  },
  call: ({ config, weights, where }, x) => {
    const axis = channelAxis(config.axis, x.rank, where);
    const channels = knownDim(where, x.shape, axis);
    const weight = weights.gamma ?? weights.beta;
    if (weight !== undefined) needAxis(where, x.shape, axis, weight.shape[0]!, `axis ${axis} to be`);
    const groups = config.groups === -1 ? channels : config.groups;
    const cut = [...x.shape.slice(0, axis), groups, channels / groups, ...x.shape.slice(axis + 1)];
    const grouped = reshape(x, cut); // [B,...,groups,C/groups]
    const axes = cut.flatMap((_, i) => (i === 0 || i === axis ? [] : [i]));
    const centered = sub(grouped, mean(grouped, { axes, keepDims: true }));
    const variance = mean(square(centered), { axes, keepDims: true });
    let y = reshape(mul(centered, rsqrt(add(variance, config.epsilon))), x.shape);
    const spread = (value: Tensor): Tensor => reshape(value, x.shape.map((dim, i) => (i === axis ? dim : 1)));
    if (weights.gamma !== undefined) y = mul(y, spread(weights.gamma));
    if (weights.beta !== undefined) y = add(y, spread(weights.beta));
    return y;
  },
  mask: "pass",
});

function channelAxis(axis: number, rank: number, where: string): number {
  const at = normalizeAxis(axis, rank, where);
  if (at === 0) throw badOption(where, "axis", "another axis than the batch's", axis);
  return at;
}
