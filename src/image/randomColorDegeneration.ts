import { type LayerFactory, required } from "../layers/define.js";
import { add, clip, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { toGray } from "./colors.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomColorDegeneration}. */
export interface RandomColorDegenerationOptions extends ImageOptions {
  /** The share of grey, from 0 for no change to 1, or from −1 for stronger colours; f stands for [−f, f]. */
  readonly factor: Range;
  /** Least and greatest value of a pixel; results are cut off there. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: -1, high: 1 };

/**
 * While training, mixes each image with its grey version: x + f · (grey − x).
 *
 * @shape [B,H,W,3] → [B,H,W,3]
 * @throws BAD_ARGUMENT when factor does not lie in [−1, 1]
 * @example
 * const paler = randomColorDegeneration({ factor: [0, 0.5], valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 3]), paler, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomColorDegeneration: LayerFactory<RandomColorDegenerationOptions> = defineAugmentation({
  className: "RandomColorDegeneration",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const share = cast(draws.uniform(rangeOf(where, "factor", config.factor, BOUNDS)), images.dtype);
    return clip(add(images, mul(share, sub(toGray(where, images), images))), ...config.valueRange);
  },
});
