import { type LayerFactory, required } from "../layers/define.js";
import { add, clip, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { mean } from "../ops/reduce/reduce.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomContrast}. */
export interface RandomContrastOptions extends ImageOptions {
  /**
   * Two shares a ≤ b from 0 to 1: the contrast is drawn from 1 − a to 1 + b. f stands for [0, f], as
   * in Keras: contrasts from 1 to 1 + f.
   */
  readonly factor: Range;
  /** Least and greatest value of a pixel; results are cut off there. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, changes the contrast of each image: (x − μ) · f + μ, μ being the mean of a channel.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor does not lie in [0, 1]
 * @example
 * const contrast = randomContrast({ factor: [0.2, 0.2], valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), contrast, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomContrast: LayerFactory<RandomContrastOptions> = defineAugmentation({
  className: "RandomContrast",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const [less, more] = rangeOf(where, "factor", config.factor, BOUNDS);
    const contrast = cast(draws.uniform([1 - less, 1 + more]), images.dtype);
    const middle = mean(images, { axes: [1, 2], keepDims: true });
    return clip(add(mul(sub(images, middle), contrast), middle), ...config.valueRange);
  },
});
