import { type LayerFactory, required } from "../layers/define.js";
import { add, clip, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { greater, less } from "../ops/elementwise/compare.js";
import { where as choose } from "../ops/elementwise/where.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { fromHsv, rescaled, toHsv } from "./colors.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomHue}. */
export interface RandomHueOptions extends ImageOptions {
  /** How far hues turn, in half turns from 0 to 1, to either side; f stands for [0, f]. */
  readonly factor: Range;
  /** Least and greatest value of a pixel. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, turns the hues of each image by an angle of its own.
 *
 * @shape [B,H,W,3] → [B,H,W,3]
 * @throws BAD_ARGUMENT when factor does not lie in [0, 1]
 * @throws SHAPE_MISMATCH when images have no three channels
 * @example
 * const model = sequential([layers.input([8, 8, 3]), randomHue({ factor: 0.1, valueRange: [0, 1] }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomHue: LayerFactory<RandomHueOptions> = defineAugmentation({
  className: "RandomHue",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const turn = cast(mul(mul(draws.uniform(rangeOf(where, "factor", config.factor, BOUNDS)), draws.sign()), 0.5), images.dtype);
    const { hue, ...rest } = toHsv(where, rescaled(images, config.valueRange, [0, 1]));
    const turned = add(hue, turn);
    const below = choose(greater(turned, 1), sub(turned, 1), turned);
    const colors = fromHsv({ ...rest, hue: choose(less(below, 0), add(below, 1), below) });
    return rescaled(clip(colors, 0, 1), [0, 1], config.valueRange);
  },
});
