import { EPSILON } from "../epsilon.js";
import { type LayerFactory, required } from "../layers/define.js";
import { add, clip, div, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { fromHsv, toHsv } from "./colors.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomSaturation}. */
export interface RandomSaturationOptions extends ImageOptions {
  /**
   * From 0 for grey over 0.5 for no change to 1 for full colours. f stands for [−f, f] as in Keras, where what is
   * below 0 is grey too: give both ends.
   */
  readonly factor: Range;
  /**
   * Bounds of the new saturation itself, as in Keras: [0, 1] keeps colours possible whatever the
   * range of the pixels, while the default [0, 255] lets factors above 0.5 give negative pixels.
   */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: -1, high: 1 };

/**
 * While training, makes the colours of each image stronger or weaker: s · f / (1 − f) for the
 * saturation s.
 *
 * @shape [B,H,W,3] → [B,H,W,3]
 * @throws BAD_ARGUMENT when factor does not lie in [−1, 1]
 * @throws SHAPE_MISMATCH when images have no three channels
 * @example
 * const colors = randomSaturation({ factor: [0.4, 0.6], valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 3]), colors, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomSaturation: LayerFactory<RandomSaturationOptions> = defineAugmentation({
  className: "RandomSaturation",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const factor = draws.uniform(rangeOf(where, "factor", config.factor, BOUNDS));
    const strength = cast(div(factor, add(sub(1, factor), EPSILON)), images.dtype);
    const { saturation, ...rest } = toHsv(where, images);
    return fromHsv({ ...rest, saturation: clip(mul(saturation, strength), ...config.valueRange) });
  },
});
