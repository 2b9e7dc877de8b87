import type { LayerFactory } from "../layers/define.js";
import { sub } from "../ops/elementwise/binary.js";
import { where as choose } from "../ops/elementwise/where.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomInvert}. */
export interface RandomInvertOptions extends ImageOptions {
  /** The probability that an image is inverted, drawn from this range for each; f stands for [0, f]. Default 1. */
  readonly factor?: Range;
  /** Least and greatest value of a pixel. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, turns some images into their negatives: high − x. A factor of 1, the default,
 * does so with a probability between 0 and 1; [1, 1] does so always.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor does not lie in [0, 1]
 * @example
 * const negatives = randomInvert({ factor: [0.5, 0.5], valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), negatives, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomInvert: LayerFactory<RandomInvertOptions> = defineAugmentation({
  className: "RandomInvert",
  defaults: { factor: 1 as Range, valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) =>
    choose(draws.chance(rangeOf(where, "factor", config.factor, BOUNDS)), sub(config.valueRange[1], images), images),
});
