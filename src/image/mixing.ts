import { NacreError } from "../error.js";
import { defineLayer, type LayerFactory } from "../layers/define.js";
import type { Layer, MaskArgument } from "../layers/layer.js";
import { knownDim, oneOf } from "../layers/options.js";
import { DATA_FORMATS } from "../layers/spatial.js";
import type { SymbolicTensor } from "../layers/symbolic.js";
import { add, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { gather } from "../ops/indexing/gather.js";
import { argSort } from "../ops/indexing/topK.js";
import { reshape } from "../ops/shape/reshape.js";
import { isFloat } from "../tensor/dtype.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Changing, type ImageOptions, withChannelsLast } from "./augmentation.js";
import { Draws } from "./draws.js";

/** How a layer that mixes samples is called: on images alone, or on a list of images and their labels. */
export interface MixingLayer extends Layer {
  (inputs: readonly [images: SymbolicTensor, labels: SymbolicTensor], args?: MaskArgument): [images: SymbolicTensor, labels: SymbolicTensor];
  (inputs: SymbolicTensor | readonly [SymbolicTensor], args?: MaskArgument): SymbolicTensor;
}

/** What becomes of the images of a batch, and the share of its own that each one keeps. float32 [B,1,1,1] */
export interface Mixed {
  readonly images: Tensor;
  readonly kept: Tensor;
}

/** A kind of layer that mixes each image of a batch with another one, which may be itself. */
export interface Mixing<C> {
  readonly className: string;
  readonly defaults: C;
  check(config: C, where: string): C;
  /** @param others the image that each one is mixed with. [B,H,W,C] */
  mix(images: Tensor, others: Tensor, context: Changing<C>): Mixed;
}

/** Makes a layer that mixes images, and labels in the same shares, while training. */
export function defineMixing<C extends Required<ImageOptions>, O extends object = Partial<C>>(mixing: Mixing<C>): LayerFactory<O, MixingLayer> {
  return defineLayer<C, Record<never, never>, O, object, MixingLayer>({
    className: mixing.className,
    acrossRows: true,
    defaults: mixing.defaults,
    check: (config, where) => mixing.check({ ...config, dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS) }, where),
    call: ({ config, where, training, key }, x, labels) => {
      if (labels !== undefined) checkLabels(where, x, labels);
      let kept: Tensor | undefined;
      let order: Tensor | undefined;
      const images = withChannelsLast(x, where, config.dataFormat, (own) => {
        if (!training) return own;
        const draws = new Draws(key, knownDim(where, own.shape, 0));
        order = argSort(draws.uniform([0, 1], [])); // [B]
        const mixed = mixing.mix(own, gather(own, order), { config, where, draws });
        kept = mixed.kept;
        return mixed.images;
      });
      if (labels === undefined) return images;
      if (kept === undefined || order === undefined) return [images, labels];
      return [images, blend(labels, gather(labels, order), kept)];
    },
  });
}

/** kept · own + (1 − kept) · others, for samples of any rank. */
export function blend(own: Tensor, others: Tensor, kept: Tensor): Tensor {
  const share = cast(reshape(kept, own.shape.map((dim, i) => (i === 0 ? dim : 1))), own.dtype);
  return add(mul(share, own), mul(sub(1, share), others));
}

function checkLabels(where: string, images: Tensor, labels: Tensor): void {
  if (isFloat(labels.dtype) && labels.rank >= 2 && labels.shape[0] === images.shape[0]) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: "labels as shares of each class, float32 [batch, classes]",
    received: `${labels.dtype} ${formatShape(labels.shape)}`,
    fix: "turn class numbers into one-hot rows; augment(dataset, …, { classes }) does",
  });
}
