import { type LayerFactory, required } from "../layers/define.js";
import { knownDim, wholeNumber } from "../layers/options.js";
import { cropToAspect } from "../layers/shape/resizing.js";
import { add, mul } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { constant } from "../ops/elementwise/literal.js";
import { floor } from "../ops/elementwise/unary.js";
import { resize } from "../ops/image/resize.js";
import { gather } from "../ops/indexing/gather.js";
import { reshape } from "../ops/shape/reshape.js";
import { concreteShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import type { Draws } from "./draws.js";

/** Options of {@link randomCrop}. */
export interface RandomCropOptions extends ImageOptions {
  /** Pixels, at least 1. */
  readonly height: number;
  /** Pixels, at least 1. */
  readonly width: number;
}

/**
 * While training, a part of each image at a place of its own. Otherwise, and for images that are
 * too small: the largest part in the middle that has the proportions of the new size, resized.
 *
 * @shape [B,H,W,C] → [B,height,width,C]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), randomCrop({ height: 6, width: 6 }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomCrop: LayerFactory<RandomCropOptions> = defineAugmentation({
  className: "RandomCrop",
  defaults: { height: required<number>(), width: required<number>(), ...IMAGE_DEFAULTS },
  check: (config, at) => ({
    ...config,
    height: wholeNumber(at, "height", config.height),
    width: wholeNumber(at, "width", config.width),
  }),
  change: (images, { config, where, draws }) => {
    const fits = knownDim(where, images.shape, 1) >= config.height && knownDim(where, images.shape, 2) >= config.width;
    return fits ? anywhere(images, draws, [config.height, config.width]) : middle(images, where, [config.height, config.width]);
  },
  rest: (images, { config, where }) => middle(images, where, [config.height, config.width]),
});

function middle(images: Tensor, where: string, size: readonly [height: number, width: number]): Tensor {
  return resize(cropToAspect(images, { where, size, first: 1 }), size, { axes: [1, 2] });
}

function anywhere(images: Tensor, draws: Draws, [height, width]: readonly [number, number]): Tensor {
  const [batch, rows, columns, channels] = concreteShape(images.shape, "randomCrop") as [number, number, number, number];
  const counting = (n: number, shape: readonly number[], step: number): Tensor =>
    constant(Int32Array.from({ length: n }, (_, i) => i * step), shape, "int32");
  // Draws lie below 1 by at least 2⁻²⁴, so that the last place is never passed.
  const start = (free: number): Tensor => cast(floor(draws.uniform([0, free + 1], [1, 1])), "int32"); // [B,1,1]
  const firsts = add(counting(batch, [batch, 1, 1], rows * columns), add(mul(start(rows - height), columns), start(columns - width)));
  const inside = add(counting(height, [1, height, 1], columns), counting(width, [1, 1, width], 1));
  return gather(reshape(images, [batch * rows * columns, channels]), add(firsts, inside));
}
