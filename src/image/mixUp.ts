import type { LayerFactory } from "../layers/define.js";
import { badOption } from "../layers/options.js";
import { IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { symmetricBeta } from "./beta.js";
import { blend, defineMixing, type MixingLayer } from "./mixing.js";

/** Options of {@link mixUp}. */
export interface MixUpOptions extends ImageOptions {
  /** Parameter of the beta distribution of shares, above 0: near 0 images hardly mix, at 1 all shares are equally likely. Default 0.2. */
  readonly alpha?: number;
}

/**
 * While training, blends each image, and its label, with another of the batch: λ·x + (1 − λ)·x′
 * with λ ~ Beta(alpha, alpha). Labels are shares of classes.
 *
 * Call it on [images, labels], or let {@link augment} apply it to the batches of a dataset.
 *
 * @shape [B,H,W,C], [B,K] → [B,H,W,C], [B,K]
 * @throws BAD_ARGUMENT when alpha is not above 0
 * @throws SHAPE_MISMATCH when labels are class numbers
 * @source Zhang et al. 2018
 * @example
 * const mixed = augment(train, mixUp({ alpha: 0.2 }), { classes: 10, seed: 1 });
 * const soft = sequential([layers.input([8, 8, 1]), layers.flatten(), layers.dense({ units: 10, activation: "softmax" })]);
 * soft.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
 * await soft.fit(mixed, { epochs: 2, verbose: "silent" });
 */
export const mixUp: LayerFactory<MixUpOptions, MixingLayer> = defineMixing({
  className: "MixUp",
  defaults: { alpha: 0.2, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    if (typeof config.alpha === "number" && config.alpha > 0 && Number.isFinite(config.alpha)) return config;
    throw badOption(at, "alpha", "a number above 0", config.alpha);
  },
  mix: (images, others, { config, draws }) => {
    const kept = symmetricBeta(draws, config.alpha);
    return { images: blend(images, others, kept), kept };
  },
});
