import type { LayerFactory } from "../layers/define.js";
import { numberWithin } from "../layers/options.js";
import { less } from "../ops/elementwise/compare.js";
import { where as choose } from "../ops/elementwise/where.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { toGray } from "./colors.js";

/** Options of {@link randomGrayscale}. */
export interface RandomGrayscaleOptions extends ImageOptions {
  /** The probability that an image loses its colours, from 0 to 1. Default 0.5. */
  readonly factor?: number;
}

/**
 * While training, makes some images grey; they keep their channels.
 *
 * @shape [B,H,W,3] → [B,H,W,3]
 * @throws BAD_ARGUMENT when factor does not lie in [0, 1]
 * @example
 * const model = sequential([layers.input([8, 8, 3]), randomGrayscale({ factor: 0.2 }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomGrayscale: LayerFactory<RandomGrayscaleOptions> = defineAugmentation({
  className: "RandomGrayscale",
  defaults: { factor: 0.5, ...IMAGE_DEFAULTS },
  check: (config, at) => ({ ...config, factor: numberWithin(at, "factor", config.factor, 0, 1) }),
  change: (images, { config, where, draws }) => choose(less(draws.uniform([0, 1]), config.factor), toGray(where, images), images),
});
