import * as initializers from "../../initializers/index.js";
import { add, mul } from "../../ops/elementwise/binary.js";
import { rsqrt, square } from "../../ops/elementwise/unary.js";
import { mean } from "../../ops/reduce/reduce.js";
import { reshape } from "../../ops/shape/reshape.js";
import { normalizeAxes } from "../../tensor/shape.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { knownDim, numberWithin } from "../options.js";

/** Options of {@link rmsNormalization}. */
export interface RmsNormalizationOptions {
  /** The axes over which each sample is normalised. Default −1. */
  readonly axis?: number | readonly number[];
  /** Added to the mean square. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Each sample divided by its root mean square: x / √(mean(x²) + ε) · scale.
 *
 * @shape [B,...,C] → [B,...,C]
 * @source Zhang, Sennrich 2019
 * @example
 * const model = sequential([layers.input([16]), layers.rmsNormalization()]);
 */
export const rmsNormalization: LayerFactory<RmsNormalizationOptions> = defineLayer({
  className: "RMSNormalization",
  inputDType: "float32",
  defaults: { axis: -1 as number | readonly number[], epsilon: 1e-6 },
  check: (config, where) => ({ ...config, epsilon: numberWithin(where, "epsilon", config.epsilon, 0, Infinity) }),
  build: ({ config, where, addWeight }, shape) => {
    const axes = normalizeAxes(config.axis, shape.length, where);
    return { scale: addWeight("scale", { shape: axes.map((axis) => knownDim(where, shape, axis)), initializer: initializers.ones() }) };
  },
  call: ({ config, weights, where }, x) => {
    const axes = normalizeAxes(config.axis, x.rank, where);
    const inverse = rsqrt(add(mean(square(x), { axes, keepDims: true }), config.epsilon));
    return mul(mul(x, inverse), reshape(weights.scale, x.shape.map((dim, i) => (axes.includes(i) ? dim : 1))));
  },
});
