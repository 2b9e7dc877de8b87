import { type LayerFactory, required } from "../layers/define.js";
import { add, mul, sub } from "../ops/elementwise/binary.js";
import { cos, sin } from "../ops/elementwise/unary.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { type Range, rangeOf } from "./range.js";
import { checkWarp, warp, WARP_DEFAULTS, type WarpOptions } from "./warp.js";

/** Options of {@link randomRotation}. */
export interface RandomRotationOptions extends ImageOptions, WarpOptions {
  /** In full turns against the clock, from −1 to 1; f stands for [−f, f]. */
  readonly factor: Range;
}

const BOUNDS = { low: -1, high: 1 };

/**
 * While training, turns each image about its middle by an angle of its own.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor does not lie in [−1, 1]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), randomRotation({ factor: 0.05 }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomRotation: LayerFactory<RandomRotationOptions> = defineAugmentation({
  className: "RandomRotation",
  defaults: { factor: required<Range>(), ...WARP_DEFAULTS, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    return checkWarp(at, config);
  },
  change: (images, { config, where, draws }) => {
    const angle = mul(draws.uniform(rangeOf(where, "factor", config.factor, BOUNDS), [1, 1]), 2 * Math.PI); // [B,1,1]
    const [height, width] = images.shape.slice(1, 3) as [number, number];
    const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
    const turned = ([x, y]: readonly [typeof angle, typeof angle]) =>
      [
        add(sub(mul(x, cos(angle)), mul(y, sin(angle))), middleX),
        add(add(mul(x, sin(angle)), mul(y, cos(angle))), middleY),
      ] as const;
    return warp(images, (x, y) => turned([sub(x, middleX), sub(y, middleY)]), config);
  },
});
