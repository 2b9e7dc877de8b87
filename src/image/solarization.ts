import type { LayerFactory } from "../layers/define.js";
import { add, clip, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { less } from "../ops/elementwise/compare.js";
import { where as choose } from "../ops/elementwise/where.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { rescaled } from "./colors.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link solarization}. */
export interface SolarizationOptions extends ImageOptions {
  /** What is added first, drawn from [a, 255 · b] of 255 for the range [a, b] within 0 to 1; f stands for [0, f]. Default 0. */
  readonly additionFactor?: Range;
  /** From where on values are inverted, drawn from [a, 255 · b] of 255; f stands for [0, f]. Default 0. */
  readonly thresholdFactor?: Range;
  /** Least and greatest value of a pixel. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, inverts the bright pixels of each image. The lower end of a range is not scaled
 * by 255, as in Keras.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when a factor does not lie in [0, 1]
 * @example
 * const solarized = solarization({ thresholdFactor: 0.9, valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), solarized, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const solarization: LayerFactory<SolarizationOptions> = defineAugmentation({
  className: "Solarization",
  defaults: { additionFactor: 0 as Range, thresholdFactor: 0 as Range, valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "additionFactor", config.additionFactor, BOUNDS);
    rangeOf(at, "thresholdFactor", config.thresholdFactor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const drawn = (option: "additionFactor" | "thresholdFactor") => {
      const [low, high] = rangeOf(where, option, config[option], BOUNDS);
      return cast(draws.uniform([low, 255 * high]), images.dtype);
    };
    const lighter = clip(add(rescaled(images, config.valueRange, [0, 255]), drawn("additionFactor")), 0, 255);
    const solarized = choose(less(lighter, drawn("thresholdFactor")), lighter, sub(255, lighter));
    return rescaled(solarized, [0, 255], config.valueRange);
  },
});
