import { EPSILON } from "../../epsilon.js";
import * as initializers from "../../initializers/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import { add, div, mul, sub } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { rsqrt, square, stopGradient } from "../../ops/elementwise/unary.js";
import { mean, sum } from "../../ops/reduce/reduce.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { reshape } from "../../ops/shape/reshape.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { knownDim, needAxis, numberWithin } from "../options.js";
import { resolveNames } from "../parameters.js";
import { addScale, SCALE_DEFAULTS, type ScaleOptions } from "./scale.js";

/** Options of {@link batchNormalization}. */
export interface BatchNormalizationOptions extends ScaleOptions {
  /** The channel axis, which keeps its own statistics. Default −1. */
  readonly axis?: number;
  /** Share of the running statistics kept at each step, from 0 to 1. Default 0.99. */
  readonly momentum?: number;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** Default zeros. */
  readonly movingMeanInitializer?: InitializerLike;
  /** Default ones. */
  readonly movingVarianceInitializer?: InitializerLike;
}

/**
 * Each channel brought to mean 0 and variance 1: (x − μ) / √(σ² + ε) · γ + β, with the batch's
 * statistics (biased variance) while training and running ones otherwise. A frozen layer uses its
 * running statistics. Masked steps do not count.
 *
 * @shape [B,...,C] → [B,...,C]
 * @source Ioffe, Szegedy 2015
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.batchNormalization()]);
 */
export const batchNormalization: LayerFactory<BatchNormalizationOptions> = defineLayer({
  className: "BatchNormalization",
  inputDType: "float32",
  acrossRows: true,
  defaults: {
    axis: -1,
    momentum: 0.99,
    epsilon: 1e-3,
    ...SCALE_DEFAULTS,
    movingMeanInitializer: "zeros" as InitializerLike,
    movingVarianceInitializer: "ones" as InitializerLike,
  },
  check: (config, where) => ({
    ...resolveNames(config),
    momentum: numberWithin(where, "momentum", config.momentum, 0, 1),
  }),
  build: (context, shape) => {
    const { config, where, addWeight } = context;
    const channels = [knownDim(where, shape, normalizeAxis(config.axis, shape.length, where))];
    const statistic = (name: string, initializer: InitializerLike) =>
      addWeight(name, { shape: channels, initializer: initializers.get(initializer), trainable: false });
    return {
      ...addScale(context, channels),
      movingMean: statistic("movingMean", config.movingMeanInitializer),
      movingVariance: statistic("movingVariance", config.movingVarianceInitializer),
    };
  },
  call: ({ config, weights, where, training, trainable, masks, update }, x) => {
    const axis = normalizeAxis(config.axis, x.rank, where);
    needAxis(where, x.shape, axis, weights.movingMean.shape[0]!, `axis ${axis} to be`);
    const spread = (value: Tensor): Tensor => reshape(value, x.shape.map((dim, i) => (i === axis ? dim : 1)));
    let moments: Moments = { mean: spread(weights.movingMean), variance: spread(weights.movingVariance) };
    if (training && trainable) {
      const axes = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
      moments = masks[0] === undefined ? batchMoments(x, axes) : maskedMoments(x, axes, masks[0]);
      const moved = (old: Tensor, now: Tensor): Tensor =>
        add(mul(old, config.momentum), mul(stopGradient(reshape(now, old.shape)), 1 - config.momentum));
      update("movingMean", moved(weights.movingMean, moments.mean));
      update("movingVariance", moved(weights.movingVariance, moments.variance));
    }
    const inverse = rsqrt(add(moments.variance, config.epsilon));
    const gain = weights.gamma === undefined ? inverse : mul(inverse, spread(weights.gamma));
    const y = mul(sub(x, moments.mean), gain);
    return weights.beta === undefined ? y : add(y, spread(weights.beta));
  },
  mask: "pass",
});

/** Mean and biased variance, with the reduced axes kept at size 1. */
interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

function batchMoments(x: Tensor, axes: readonly number[]): Moments {
  const average = mean(x, { axes, keepDims: true });
  // In two passes: the mean of squares less the square of the mean cancels badly.
  return { mean: average, variance: mean(square(sub(x, average)), { axes, keepDims: true }) };
}

function maskedMoments(x: Tensor, axes: readonly number[], mask: Tensor): Moments {
  const steps = reshape(cast(mask, x.dtype), x.shape.map((dim, i) => (i < mask.rank ? dim : 1)));
  const weight = broadcastTo(steps, x.shape);
  // As in Keras; where no step is valid, mean and variance are 0.
  const count = add(sum(weight, { axes, keepDims: true }), EPSILON);
  const average = div(sum(mul(x, weight), { axes, keepDims: true }), count);
  const variance = div(sum(mul(square(sub(x, average)), weight), { axes, keepDims: true }), count);
  return { mean: average, variance };
}
