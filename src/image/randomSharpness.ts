import { type LayerFactory, required } from "../layers/define.js";
import { add, clip, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { pad } from "../ops/shape/pad.js";
import { slice } from "../ops/shape/slice.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomSharpness}. */
export interface RandomSharpnessOptions extends ImageOptions {
  /** From 0 for smooth over 0.5 for no change to 1 for sharp; f stands for [0, f]. */
  readonly factor: Range;
  /** Least and greatest value of a pixel; results are cut off there. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, blurs or sharpens each image: x + (1 − 2f) · (smooth − x), where a pixel of the
 * smooth image is the mean over 3 × 3 pixels, that in the middle counting five times. Beyond the
 * border lies 0.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor does not lie in [0, 1]
 * @example
 * const sharper = randomSharpness({ factor: [0.3, 0.9], valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), sharper, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomSharpness: LayerFactory<RandomSharpnessOptions> = defineAugmentation({
  className: "RandomSharpness",
  defaults: { factor: required<Range>(), valueRange: BYTES, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, { config, where, draws }) => {
    const softness = cast(sub(1, mul(draws.uniform(rangeOf(where, "factor", config.factor, BOUNDS)), 2)), images.dtype);
    return clip(add(images, mul(softness, sub(smooth(images), images))), ...config.valueRange);
  },
});

function smooth(images: Tensor): Tensor {
  const [height, width] = images.shape.slice(1, 3) as [number, number];
  const three = (x: Tensor, axis: 1 | 2, size: number): Tensor => {
    const padded = pad(x, x.shape.map((_, i) => (i === axis ? [1, 1] : [0, 0])));
    const shifted = (by: number): Tensor =>
      slice(padded, padded.shape.map((_, i) => (i === axis ? by : 0)), padded.shape.map((dim, i) => (i === axis ? by + size : dim)));
    return add(add(shifted(0), shifted(1)), shifted(2));
  };
  const nine = three(three(images, 1, height), 2, width);
  return mul(add(nine, mul(images, 4)), 1 / 13);
}
