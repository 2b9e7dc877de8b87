import { add, mul } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { randomNormal } from "../../ops/random/index.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { numberWithin } from "../options.js";

/** Options of {@link gaussianNoise}. */
export interface GaussianNoiseOptions {
  /** Standard deviation of the noise, from 0 to 1. */
  readonly stddev: number;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

/**
 * While training, adds normal noise of mean 0. Otherwise the identity.
 *
 * @shape [B,...] → [B,...]
 * @throws BAD_ARGUMENT when stddev is not in [0, 1]
 * @example
 * const model = sequential([layers.input([8]), layers.gaussianNoise({ stddev: 0.1 }), layers.dense({ units: 2 })]);
 */
export const gaussianNoise: LayerFactory<GaussianNoiseOptions> = defineLayer({
  className: "GaussianNoise",
  defaults: { stddev: required<number>(), seed: null as number | null },
  check: (config, where) => ({ ...config, stddev: numberWithin(where, "stddev", config.stddev, 0, 1) }),
  call: ({ config, training, key }, x) =>
    training && config.stddev > 0 ? add(x, cast(randomNormal(key(), x.shape, 0, config.stddev), x.dtype)) : x,
  mask: "pass",
});

/** Options of {@link gaussianDropout}. */
export interface GaussianDropoutOptions {
  /** The noise is that of a dropout of this rate, from 0 to under 1. */
  readonly rate: number;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

/**
 * While training, multiplies by normal noise of mean 1 and variance rate / (1 − rate). Otherwise
 * the identity.
 *
 * @shape [B,...] → [B,...]
 * @throws BAD_ARGUMENT when rate is not in [0, 1)
 * @source Srivastava et al. 2014
 * @example
 * const model = sequential([layers.input([8]), layers.gaussianDropout({ rate: 0.2 }), layers.dense({ units: 2 })]);
 */
export const gaussianDropout: LayerFactory<GaussianDropoutOptions> = defineLayer({
  className: "GaussianDropout",
  defaults: { rate: required<number>(), seed: null as number | null },
  check: (config, where) => ({ ...config, rate: numberWithin(where, "rate", config.rate, 0, 1, true) }),
  call: ({ config: { rate }, training, key }, x) =>
    training && rate > 0 ? mul(x, cast(randomNormal(key(), x.shape, 1, Math.sqrt(rate / (1 - rate))), x.dtype)) : x,
  mask: "pass",
});
