import { add, mul, sub } from "../../ops/elementwise/binary.js";
import { rsqrt, square } from "../../ops/elementwise/unary.js";
import { mean } from "../../ops/reduce/reduce.js";
import { reshape } from "../../ops/shape/reshape.js";
import { normalizeAxes, normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { knownDim } from "../options.js";
import { resolveNames } from "../parameters.js";
import { addScale, SCALE_DEFAULTS, type ScaleOptions } from "./scale.js";

/** Options of {@link layerNormalization}. */
export interface LayerNormalizationOptions extends ScaleOptions {
  /** The axes over which each sample is normalised. Default −1. */
  readonly axis?: number | readonly number[];
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
}

/**
 * Each sample brought to mean 0 and variance 1 over its axes: (x − μ) / √(σ² + ε) · γ + β.
 *
 * @shape [B,...,C] → [B,...,C]
 * @source Ba, Kiros, Hinton 2016
 * @example
 * const model = sequential([layers.input([16]), layers.layerNormalization()]);
 */
export const layerNormalization: LayerFactory<LayerNormalizationOptions> = defineLayer({
  className: "LayerNormalization",
  inputDType: "float32",
  defaults: { axis: -1 as number | readonly number[], epsilon: 1e-3, ...SCALE_DEFAULTS },
  check: (config) => resolveNames(config),
  build: (context, shape) => {
    // As Keras sorts them: those that count from the back come first. Weights lie in that shape, and are read in the input's order.
    const axes = [context.config.axis].flat().sort((a, b) => a - b);
    const places = new Set(axes.map((axis) => normalizeAxis(axis, shape.length, context.where)));
    return addScale(context, [...places].map((axis) => knownDim(context.where, shape, axis)));
  },
  call: ({ config, weights, where }, x) => {
    const axes = normalizeAxes(config.axis, x.rank, where);
    const centered = sub(x, mean(x, { axes, keepDims: true }));
    const variance = mean(square(centered), { axes, keepDims: true });
    const spread = (weight: Tensor): Tensor => reshape(weight, x.shape.map((dim, i) => (axes.includes(i) ? dim : 1)));
    let y = mul(centered, rsqrt(add(variance, config.epsilon)));
    if (weights.gamma !== undefined) y = mul(y, spread(weights.gamma));
    if (weights.beta !== undefined) y = add(y, spread(weights.beta));
    return y;
  },
  mask: "pass",
});
