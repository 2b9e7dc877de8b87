import { add, mul } from "../../ops/elementwise/binary.js";
import { where as choose } from "../../ops/elementwise/where.js";
import { randomBernoulli } from "../../ops/random/index.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { needRank, numberWithin } from "../options.js";
import { type DropoutOptions, noiseShapeFor } from "./dropout.js";

/** What selu tends to at −∞, with the constants of its paper. */
const LOW = -1.6732632423543772 * 1.0507009873554805;

/**
 * While training, sets elements to selu's lower limit at random, then scales and shifts so that
 * inputs of mean 0 and variance 1 keep both. Otherwise the identity.
 *
 * With p = rate and α = −1.7581: y = a · (x or α) + b, a = ((1 − p)(1 + p α²))^(−1/2), b = −a α p.
 *
 * @shape [B,...] → [B,...]
 * @throws BAD_ARGUMENT when rate is not in [0, 1)
 * @source Klambauer et al. 2017
 * @example
 * const model = sequential([
 *   layers.input([8]),
 *   layers.dense({ units: 16, activation: "selu", kernelInitializer: "lecunNormal" }),
 *   layers.alphaDropout({ rate: 0.1 }),
 * ]);
 */
export const alphaDropout: LayerFactory<DropoutOptions> = defineLayer({
  className: "AlphaDropout",
  defaults: {
    rate: required<number>(),
    noiseShape: null as readonly (number | null)[] | null,
    seed: null as number | null,
  },
  check: (config, where) => ({ ...config, rate: numberWithin(where, "rate", config.rate, 0, 1, true) }),
  call: ({ config, where, training, key }, x) => {
    if (config.noiseShape !== null) needRank(where, x.shape, config.noiseShape.length, "like noiseShape");
    const { rate } = config;
    if (!training || rate === 0) return x;
    const keep = randomBernoulli(key(), 1 - rate, noiseShapeFor(x, config.noiseShape));
    const scale = ((1 - rate) * (1 + rate * LOW ** 2)) ** -0.5;
    return add(mul(choose(keep, x, LOW), scale), -scale * LOW * rate);
  },
  mask: "pass",
});
