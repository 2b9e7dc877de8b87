import { type LayerFactory, required } from "../layers/define.js";
import { mul, sub } from "../ops/elementwise/binary.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { type Range, rangeOf } from "./range.js";
import { checkWarp, warp, WARP_DEFAULTS, type WarpOptions } from "./warp.js";

/** Options of {@link randomTranslation}. */
export interface RandomTranslationOptions extends ImageOptions, WarpOptions {
  /** How far down, as a share of the height from −1 to 1; f stands for [−f, f]. */
  readonly heightFactor: Range;
  /** How far to the right, as a share of the width from −1 to 1; f stands for [−f, f]. */
  readonly widthFactor: Range;
}

const BOUNDS = { low: -1, high: 1 };

/**
 * While training, shifts each image by shares of its height and width.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when a factor does not lie in [−1, 1]
 * @example
 * const shift = randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: "constant" });
 * const model = sequential([layers.input([8, 8, 1]), shift, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomTranslation: LayerFactory<RandomTranslationOptions> = defineAugmentation({
  className: "RandomTranslation",
  defaults: { heightFactor: required<Range>(), widthFactor: required<Range>(), ...WARP_DEFAULTS, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "heightFactor", config.heightFactor, BOUNDS);
    rangeOf(at, "widthFactor", config.widthFactor, BOUNDS);
    return checkWarp(at, config);
  },
  change: (images, { config, where, draws }) => {
    const [height, width] = images.shape.slice(1, 3) as [number, number];
    const down = mul(draws.uniform(rangeOf(where, "heightFactor", config.heightFactor, BOUNDS), [1, 1]), height); // [B,1,1]
    const right = mul(draws.uniform(rangeOf(where, "widthFactor", config.widthFactor, BOUNDS), [1, 1]), width);
    return warp(images, (x, y) => [sub(x, right), sub(y, down)], config);
  },
});
