import { type LayerFactory, required } from "../layers/define.js";
import { badOption } from "../layers/options.js";
import { clip, div, mul, pow, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { floor } from "../ops/elementwise/unary.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { rescaled } from "./colors.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomPosterization}. */
export interface RandomPosterizationOptions extends ImageOptions {
  /** Bits that stay, whole numbers from 1 to 8: from the first to under the second, or one number where both are one; f stands for [1, f]. */
  readonly factor: Range;
  /** Least and greatest value of a pixel. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 1, high: 8 };

/**
 * While training, leaves each image few brightnesses: of 8 bits the lower ones become 0.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor is not made of whole numbers from 1 to 8
 * @example
 * const coarse = randomPosterization({ factor: [3, 6], valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), coarse, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomPosterization: LayerFactory<RandomPosterizationOptions> = defineAugmentation({
  className: "RandomPosterization",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    if (!rangeOf(at, "factor", config.factor, BOUNDS).every(Number.isInteger)) throw badOption(at, "factor", "whole numbers from 1 to 8", config.factor);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const [least, most] = rangeOf(where, "factor", config.factor, BOUNDS);
    const bits = floor(draws.uniform([least, most]));
    const step = cast(pow(2, sub(8, bits)), images.dtype);
    const bytes = clip(floor(rescaled(images, config.valueRange, [0, 255])), 0, 255);
    return rescaled(mul(floor(div(bytes, step)), step), [0, 255], config.valueRange);
  },
});
