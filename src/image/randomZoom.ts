import { type LayerFactory, required } from "../layers/define.js";
import { add, mul, sub } from "../ops/elementwise/binary.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { type Range, rangeOf } from "./range.js";
import { checkWarp, warp, WARP_DEFAULTS, type WarpOptions } from "./warp.js";

/** Options of {@link randomZoom}. */
export interface RandomZoomOptions extends ImageOptions, WarpOptions {
  /**
   * How much more of the height is seen, as a share of it, above −1 and at most 1: 0.2 makes things
   * smaller, −0.2 larger; f stands for [−f, f].
   */
  readonly heightFactor: Range;
  /** The same for the width; null for the same draw as the height's, which keeps proportions. Default null. */
  readonly widthFactor?: Range | null;
}

const BOUNDS = { low: -1, high: 1, open: true };

/**
 * While training, zooms into each image or out of it, about its middle.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when a factor does not lie in (−1, 1]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), randomZoom({ heightFactor: 0.2 }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomZoom: LayerFactory<RandomZoomOptions> = defineAugmentation({
  className: "RandomZoom",
  defaults: { heightFactor: required<Range>(), widthFactor: null as Range | null, ...WARP_DEFAULTS, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    zoomRange(at, "heightFactor", config.heightFactor);
    if (config.widthFactor !== null) zoomRange(at, "widthFactor", config.widthFactor);
    return checkWarp(at, config);
  },
  change: (images, { config, where, draws }) => {
    const down = draws.uniform(zoomRange(where, "heightFactor", config.heightFactor), [1, 1]); // [B,1,1]
    const across = config.widthFactor === null ? down : draws.uniform(zoomRange(where, "widthFactor", config.widthFactor), [1, 1]);
    const [height, width] = images.shape.slice(1, 3) as [number, number];
    const zoomed = (place: Tensor, zoom: Tensor, size: number): Tensor => add(mul(sub(place, (size - 1) / 2), zoom), (size - 1) / 2);
    return warp(images, (x, y) => [zoomed(x, across, width), zoomed(y, down, height)], config);
  },
});

function zoomRange(where: string, option: string, factor: Range): readonly [low: number, high: number] {
  // A single factor of −1 < f < 0 means the same as |f|.
  const [low, high] = rangeOf(where, option, factor, BOUNDS);
  return [1 + low, 1 + high];
}
