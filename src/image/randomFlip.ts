import { oneOf } from "../layers/options.js";
import type { LayerFactory } from "../layers/define.js";
import { lessEqual } from "../ops/elementwise/compare.js";
import { where } from "../ops/elementwise/where.js";
import { flip } from "../ops/shape/slice.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";

/** Which sides change places. */
export type FlipMode = "horizontal" | "vertical" | "horizontalAndVertical";

const MODES: readonly FlipMode[] = ["horizontal", "vertical", "horizontalAndVertical"];

/** Options of {@link randomFlip}. */
export interface RandomFlipOptions extends ImageOptions {
  /** Left and right, top and bottom, or both at once. Default horizontalAndVertical. */
  readonly mode?: FlipMode;
}

/**
 * While training, flips every second image at random. As in Keras, "horizontalAndVertical" flips
 * an image in both directions or in none; two layers flip in each on its own.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), randomFlip({ mode: "horizontal" }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomFlip: LayerFactory<RandomFlipOptions> = defineAugmentation({
  className: "RandomFlip",
  defaults: { mode: "horizontalAndVertical" as FlipMode, ...IMAGE_DEFAULTS },
  check: (config, at) => ({ ...config, mode: oneOf(at, "mode", config.mode, MODES) }),
  change: (images, { config, draws }) => {
    const axes = { horizontal: [2], vertical: [1], horizontalAndVertical: [1, 2] }[config.mode];
    return where(lessEqual(draws.uniform([0, 1]), 0.5), flip(images, axes), images);
  },
});
