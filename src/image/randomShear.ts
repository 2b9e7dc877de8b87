import type { LayerFactory } from "../layers/define.js";
import { add, mul } from "../ops/elementwise/binary.js";
import { reshape } from "../ops/shape/reshape.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { type Range, rangeOf } from "./range.js";
import { checkWarp, warp, WARP_DEFAULTS, type WarpOptions } from "./warp.js";

/** Options of {@link randomShear}. */
export interface RandomShearOptions extends ImageOptions, WarpOptions {
  /** Columns by which a row is shifted for each row above it, from −1 to 1; f stands for [−f, f]. Default 0. */
  readonly xFactor?: Range;
  /** Rows by which a column is shifted for each column left of it, from −1 to 1; f stands for [−f, f]. Default 0. */
  readonly yFactor?: Range;
}

const BOUNDS = { low: -1, high: 1 };

/**
 * While training, slants each image; the pixel of column and row 0 stays in its place. In half of
 * all cases both draws change their sign, as in Keras.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when a factor does not lie in [−1, 1]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), randomShear({ xFactor: 0.2 }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomShear: LayerFactory<RandomShearOptions> = defineAugmentation({
  className: "RandomShear",
  defaults: { xFactor: 0 as Range, yFactor: 0 as Range, ...WARP_DEFAULTS, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "xFactor", config.xFactor, BOUNDS);
    rangeOf(at, "yFactor", config.yFactor, BOUNDS);
    return checkWarp(at, config);
  },
  change: (images, { config, where, draws }) => {
    const sign = reshape(draws.sign(), [draws.batch, 1, 1]);
    const slant = (option: "xFactor" | "yFactor") => mul(sign, draws.uniform(rangeOf(where, option, config[option], BOUNDS), [1, 1]));
    const [right, down] = [slant("xFactor"), slant("yFactor")];
    return warp(images, (x, y) => [add(x, mul(right, y)), add(y, mul(down, x))], config);
  },
});
