import { type LayerFactory, required } from "../layers/define.js";
import { add, clip, mul } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomBrightness}. */
export interface RandomBrightnessOptions extends ImageOptions {
  /** What is added, as a share of the breadth of valueRange, from −1 to 1; f stands for [−f, f]. */
  readonly factor: Range;
  /** Least and greatest value of a pixel; results are cut off there. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: -1, high: 1 };

/**
 * While training, makes each image lighter or darker: x + f · (high − low), cut off at the range.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor does not lie in [−1, 1]
 * @example
 * const lighter = randomBrightness({ factor: 0.2, valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), lighter, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomBrightness: LayerFactory<RandomBrightnessOptions> = defineAugmentation({
  className: "RandomBrightness",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const [low, high] = config.valueRange;
    const added = mul(draws.uniform(rangeOf(where, "factor", config.factor, BOUNDS)), high - low);
    return clip(add(images, cast(added, images.dtype)), low, high);
  },
});
