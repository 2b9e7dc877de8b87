import type { LayerFactory } from "../layers/define.js";
import { badOption } from "../layers/options.js";
import { clip, mul } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { logicalAnd } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import { sqrt } from "../ops/elementwise/unary.js";
import { where as choose } from "../ops/elementwise/where.js";
import { arrayOf } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Changing, defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { patchOf } from "./patch.js";
import { BYTES, type Range, rangeOf, type ValueRange, valueRangeOf } from "./range.js";

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions extends ImageOptions {
  /** The probability that an image loses a part, drawn from this range for each; f stands for [0, f]. Default 1. */
  readonly factor?: Range;
  /** The square of the part's height as a share of the image's, and of its width, each drawn from this range; f stands for [0, f]. Default [0.02, 0.33]. */
  readonly scale?: Range;
  /** What is put in its place: a value, one for each of three channels, or null for normal noise · high. Default null. */
  readonly fillValue?: number | readonly [number, number, number] | null;
  /** Least and greatest value of a pixel; what is put in is cut off there. Default [0, 255]. */
  readonly valueRange?: ValueRange;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, overwrites a rectangle of each image. A factor of 1, the default, does so with a
 * probability between 0 and 1; [1, 1] does so always.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor or scale does not lie in [0, 1]
 * @source Zhong et al. 2017
 * @example
 * const holes = randomErasing({ factor: [0.5, 0.5], fillValue: 0, valueRange: [0, 1] });
 * const model = sequential([layers.input([8, 8, 1]), holes, layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomErasing: LayerFactory<RandomErasingOptions> = defineAugmentation({
  className: "RandomErasing",
  defaults: {
    factor: 1 as Range,
    scale: [0.02, 0.33] as Range,
    fillValue: null as number | readonly [number, number, number] | null,
    valueRange: BYTES,
    ...IMAGE_DEFAULTS,
  },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    rangeOf(at, "scale", config.scale, BOUNDS);
    const values = [config.fillValue].flat();
    const fits = config.fillValue === null || ((values.length === 1 || values.length === 3) && values.every((value) => Number.isFinite(value)));
    if (!fits) throw badOption(at, "fillValue", "a number, three numbers or null", config.fillValue);
    return { ...config, valueRange: valueRangeOf(at, config.valueRange) };
  },
  change: (images, context) => {
    const { config, where, draws } = context;
    const scale = rangeOf(where, "scale", config.scale, BOUNDS);
    const patch = patchOf(draws, images.shape, { width: sqrt(draws.uniform(scale)), height: sqrt(draws.uniform(scale)) });
    const erased = logicalAnd(patch, draws.chance(rangeOf(where, "factor", config.factor, BOUNDS)));
    return choose(erased, filling(images, context), images);
  },
});

function filling(images: Tensor, { config, draws }: Changing<{ fillValue: RandomErasingOptions["fillValue"]; valueRange: ValueRange }>): Tensor {
  const { fillValue, valueRange } = config;
  if (fillValue === null || fillValue === undefined) return clip(cast(mul(draws.normal(images.shape), valueRange[1]), images.dtype), ...valueRange);
  const values = [fillValue].flat().map((value) => Math.min(Math.max(value, valueRange[0]), valueRange[1]));
  return constant(arrayOf(images.dtype, values), [values.length], images.dtype);
}
