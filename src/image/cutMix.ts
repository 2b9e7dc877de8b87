import type { LayerFactory } from "../layers/define.js";
import { add, mul, sub } from "../ops/elementwise/binary.js";
import { sqrt } from "../ops/elementwise/unary.js";
import { where as choose } from "../ops/elementwise/where.js";
import { IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { symmetricBeta } from "./beta.js";
import { defineMixing, type MixingLayer } from "./mixing.js";
import { patchOf } from "./patch.js";
import { type Range, rangeOf } from "./range.js";

/** Options of {@link cutMix}. */
export interface CutMixOptions extends ImageOptions {
  /** The parameter of the beta distribution of shares, drawn from this range once a batch, from 0 to 1; f stands for [0, f]. Default 1. */
  readonly factor?: Range;
}

const BOUNDS = { low: 0, high: 1 };

/** Added to the parameter, which must not be 0. */
const LEAST = 1e-6;

/**
 * While training, puts a rectangle of another image of the batch into each image; its label becomes
 * the mean of both, weighed by their areas. Labels are shares of classes.
 *
 * Call it on [images, labels], or let {@link augment} apply it to the batches of a dataset.
 *
 * @shape [B,H,W,C], [B,K] → [B,H,W,C], [B,K]
 * @throws BAD_ARGUMENT when factor does not lie in [0, 1]
 * @throws SHAPE_MISMATCH when labels are class numbers
 * @source Yun et al. 2019
 * @example
 * const images = layers.input([8, 8, 1]);
 * const labels = layers.input([10]);
 * const [pasted, shares] = cutMix()([images, labels]);
 */
export const cutMix: LayerFactory<CutMixOptions, MixingLayer> = defineMixing({
  className: "CutMix",
  defaults: { factor: 1 as Range, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return config;
  },
  mix: (images, others, { config, where, draws }) => {
    const alpha = add(draws.once(rangeOf(where, "factor", config.factor, BOUNDS)), LEAST);
    const share = sqrt(sub(1, symmetricBeta(draws, alpha)));
    const patch = patchOf(draws, images.shape, { width: share, height: share });
    return { images: choose(patch, others, images), kept: sub(1, mul(share, share)) };
  },
});
