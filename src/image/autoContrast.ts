import type { LayerFactory } from "../layers/define.js";
import { add, div, mul, sub } from "../ops/elementwise/binary.js";
import { greater } from "../ops/elementwise/compare.js";
import { where } from "../ops/elementwise/where.js";
import { max, min } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { BYTES, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link autoContrast}. */
export interface AutoContrastOptions extends Omit<ImageOptions, "seed"> {
  /** What the least and the greatest value of each channel become. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

/**
 * Lets each channel of each image fill the whole range of values, in training and, as in Keras,
 * outside of it. A channel of one value stays as it is.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), autoContrast({ valueRange: [0, 1] }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const autoContrast: LayerFactory<AutoContrastOptions> = defineAugmentation({
  className: "AutoContrast",
  defaults: { valueRange: BYTES, dataFormat: IMAGE_DEFAULTS.dataFormat },
  check: (config, at) => ({ ...config, valueRange: valueRangeOf(at, config.valueRange) }),
  change: (images, { config }) => stretched(images, config.valueRange),
  rest: (images, { config }) => stretched(images, config.valueRange),
});

function stretched(images: Tensor, [low, high]: ValueRange): Tensor {
  const [darkest, lightest] = [min, max].map((end) => end(images, { axes: [1, 2], keepDims: true })) as [Tensor, Tensor];
  const spread = sub(lightest, darkest);
  const varied = greater(spread, 0);
  const full = add(mul(sub(images, darkest), div(high - low, where(varied, spread, 1))), low);
  return where(varied, full, images);
}
