import type { LayerFactory } from "../layers/define.js";
import { numberWithin, oneOf } from "../layers/options.js";
import { add, div, mul, sub } from "../ops/elementwise/binary.js";
import { equal } from "../ops/elementwise/compare.js";
import { where as choose } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineAugmentation, IMAGE_DEFAULTS, type ImageOptions } from "./augmentation.js";
import { type Range, rangeOf } from "./range.js";
import { type Place, warp, type WarpInterpolation } from "./warp.js";

/** Options of {@link randomPerspective}. */
export interface RandomPerspectiveOptions extends ImageOptions {
  /** The probability that an image changes, drawn from this range for each; f stands for [0, f]. Default 1. */
  readonly factor?: Range;
  /** How far corners move: each coordinate is scaled by up to 1 ± scale / 2. From 0 to 1, default 1. */
  readonly scale?: number;
  /** Default bilinear. */
  readonly interpolation?: WarpInterpolation;
  /** The value outside of the image. Default 0. */
  readonly fillValue?: number;
}

const BOUNDS = { low: 0, high: 1 };

/**
 * While training, shows images as if seen from aside: the corners but the first move at random,
 * and straight lines stay straight. A factor of 1, the default, changes an image with a probability
 * between 0 and 1; [1, 1] changes all.
 *
 * @shape [B,H,W,C] → [B,H,W,C]
 * @throws BAD_ARGUMENT when factor or scale does not lie in [0, 1]
 * @example
 * const model = sequential([layers.input([8, 8, 1]), randomPerspective({ scale: 0.3 }), layers.flatten(), layers.dense({ units: 10 })]);
 */
export const randomPerspective: LayerFactory<RandomPerspectiveOptions> = defineAugmentation({
  className: "RandomPerspective",
  defaults: { factor: 1 as Range, scale: 1, interpolation: "bilinear" as WarpInterpolation, fillValue: 0, ...IMAGE_DEFAULTS },
  check: (config, at) => {
    rangeOf(at, "factor", config.factor, BOUNDS);
    numberWithin(at, "scale", config.scale, 0, 1);
    oneOf(at, "interpolation", config.interpolation, ["bilinear", "nearest"]);
    return config;
  },
  change: (images, { config, where, draws }) => {
    const [height, width] = images.shape.slice(1, 3) as [number, number];
    // A line of pixels has no corners to move.
    if (height === 1 || width === 1) return images;
    const moved = (length: number): Tensor => mul(add(draws.uniform([-config.scale / 2, config.scale / 2], [1, 1]), 1), length);
    // The corner at 0, 0 stays, and so does each coordinate of 0.
    const place = fromQuadrilateral(
      { rightX: moved(width - 1), lowerY: moved(height - 1), farX: moved(width - 1), farY: moved(height - 1) },
      [width - 1, height - 1],
    );
    const seen = warp(images, place, { fillMode: "constant", fillValue: config.fillValue, interpolation: config.interpolation });
    return choose(draws.chance(rangeOf(where, "factor", config.factor, BOUNDS)), seen, images);
  },
});

/** The corners (0, 0), (rightX, 0), (0, lowerY) and (farX, farY) of each image. [B,1,1] */
export interface Corners {
  readonly rightX: Tensor;
  readonly lowerY: Tensor;
  readonly farX: Tensor;
  readonly farY: Tensor;
}

/**
 * The projective map that takes a quadrilateral to the rectangle from (0, 0) to (width, height).
 * The one from the unit square to it is x = (a·u) / (g·u + h·v + 1), y = (e·v) / (g·u + h·v + 1),
 * and this is its inverse.
 */
export function fromQuadrilateral({ rightX, lowerY, farX, farY }: Corners, [width, height]: readonly [number, number]): Place {
  // From both ends: a = rightX·(g + 1), e = lowerY·(h + 1); from the far corner: a = farX·(g + h + 1), e = farY·(g + h + 1).
  // So (g + 1) : (h + 1) : (g + h + 1) = p : q : 1 with p = farX / rightX and q = farY / lowerY, each times s = 1 / (p + q − 1).
  const [p, q] = [div(farX, rightX), div(farY, lowerY)];
  const s = sub(add(p, q), 1);
  const [g, h] = [sub(p, s), sub(q, s)]; // times s
  const [a, e] = [mul(rightX, p), mul(lowerY, q)]; // times s
  return (x, y) => {
    // u = (x / a)·w and v = (y / e)·w with w = 1 / (1 − g·x/a − h·y/e).
    const [u, v] = [div(x, a), div(y, e)];
    const depth = sub(1, add(mul(g, u), mul(h, v)));
    const flat = equal(depth, 0);
    // Points at infinity lie outside of the image.
    const seen = (share: Tensor, length: number): Tensor => choose(flat, -2, div(mul(mul(share, s), length), choose(flat, 1, depth)));
    return [seen(u, width), seen(v, height)];
  };
}
