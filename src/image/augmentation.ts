import { defineLayer, type LayerFactory } from "../layers/define.js";
import { knownDim, oneOf } from "../layers/options.js";
import { DATA_FORMATS, type DataFormat, needSpatial } from "../layers/spatial.js";
import { cast } from "../ops/elementwise/cast.js";
import { transpose } from "../ops/shape/transpose.js";
import { isFloat } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import { Draws } from "./draws.js";

/** Options of every layer that varies images. */
export interface ImageOptions {
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

/** Defaults of {@link ImageOptions}. */
export const IMAGE_DEFAULTS = { dataFormat: "channelsLast" as DataFormat, seed: null as number | null };

/** What an augmentation knows while it changes a batch. */
export interface Changing<C> {
  readonly config: C;
  readonly where: string;
  readonly draws: Draws;
}

/** A kind of augmentation: what it does with images [B,H,W,C] of floats while training. */
export interface Augmentation<C> {
  readonly className: string;
  readonly defaults: C;
  check?(config: C, where: string): C;
  change(images: Tensor, context: Changing<C>): Tensor;
  /** What it does outside of training. Default: nothing. */
  rest?(images: Tensor, context: Omit<Changing<C>, "draws">): Tensor;
}

/**
 * Makes a layer that changes images while training: each image of a batch by draws of its own,
 * made from the seed of `fit`, the step and the layer's name. Whole numbers become float32.
 */
export function defineAugmentation<C extends Required<Pick<ImageOptions, "dataFormat">>, O extends object = Partial<C>>(
  augmentation: Augmentation<C>,
): LayerFactory<O> {
  return defineLayer<C, Record<never, never>, O>({
    className: augmentation.className,
    defaults: augmentation.defaults,
    check: (given, where) => {
      const config = { ...given, dataFormat: oneOf(where, "dataFormat", given.dataFormat, DATA_FORMATS) };
      return augmentation.check?.(config, where) ?? config;
    },
    call: ({ config, where, training, key }, x) =>
      withChannelsLast(x, where, config.dataFormat, (images) => {
        if (!training) return augmentation.rest?.(images, { config, where }) ?? images;
        return augmentation.change(images, { config, where, draws: new Draws(key, knownDim(where, images.shape, 0)) });
      }),
    mask: "pass",
  });
}

/** A function of images [B,H,W,C] of floats, applied to images in either order of axes. */
export function withChannelsLast(x: Tensor, where: string, format: DataFormat, body: (images: Tensor) => Tensor): Tensor {
  needSpatial(where, x.shape, 2, format);
  const images = isFloat(x.dtype) ? x : cast(x, "float32");
  if (format === "channelsLast") return body(images);
  return transpose(body(transpose(images, [0, 2, 3, 1])), [0, 3, 1, 2]);
}
