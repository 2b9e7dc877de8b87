import { shapeError } from "../graph/node.js";
import { abs } from "../ops/elementwise/unary.js";
import { add, clip, div, mul, sub } from "../ops/elementwise/binary.js";
import { equal, greater, less } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import { where } from "../ops/elementwise/where.js";
import { max, min, sum } from "../ops/reduce/reduce.js";
import { concat, split } from "../ops/shape/concat.js";
import { arrayOf } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import type { ValueRange } from "./range.js";

/** Hue in turns from red, saturation and value of pixels, each [B,H,W,1]. */
export interface Hsv {
  readonly hue: Tensor;
  readonly saturation: Tensor;
  readonly value: Tensor;
}

/** How much each colour adds to the grey that looks as bright. */
const LUMINANCE = [0.2989, 0.587, 0.114];

/** Refuses images without three colours. */
export function needColors(at: string, images: Tensor): void {
  if (images.shape.at(-1) === 3) return;
  throw shapeError(at, "images with the three channels red, green and blue", [images.shape]);
}

/** Grey values of coloured pixels; images with one channel are grey already. @shape [B,H,W,3] → [B,H,W,1] */
export function toGray(at: string, images: Tensor): Tensor {
  if (images.shape.at(-1) === 1) return images;
  needColors(at, images);
  return sum(mul(images, constant(arrayOf(images.dtype, LUMINANCE), [3], images.dtype)), { axes: -1, keepDims: true });
}

/** Hue, saturation and value of pixels [B,H,W,3]. */
export function toHsv(at: string, images: Tensor): Hsv {
  needColors(at, images);
  const [red, green, blue] = split(images, 3, -1) as [Tensor, Tensor, Tensor];
  const value = max(images, { axes: -1, keepDims: true });
  const spread = sub(value, min(images, { axes: -1, keepDims: true }));
  const colored = greater(spread, 0);
  const sixth = div(1 / 6, where(colored, spread, 1));
  const ofBlue = add(mul(sixth, sub(red, green)), 4 / 6);
  const ofGreen = add(mul(sixth, sub(blue, red)), 2 / 6);
  const ofRed = mul(sixth, sub(green, blue));
  const turns = where(equal(value, red), ofRed, where(equal(value, green), ofGreen, ofBlue));
  const positive = greater(value, 0);
  return {
    hue: where(colored, where(less(turns, 0), add(turns, 1), turns), 0),
    saturation: where(positive, div(spread, where(positive, value, 1)), 0),
    value,
  };
}

/** Pixels of a hue from 0 to 1, saturation and value. @shape [B,H,W,1] each → [B,H,W,3] */
export function fromHsv({ hue, saturation, value }: Hsv): Tensor {
  const sixths = mul(hue, 6);
  const distance = (from: number): Tensor => abs(sub(sixths, from));
  const shares = [sub(distance(3), 1), sub(2, distance(2)), sub(2, distance(4))].map((share) => clip(share, 0, 1));
  return concat(shares.map((share) => mul(add(sub(1, saturation), mul(saturation, share)), value)), -1);
}

/** Values of one range, moved to another. */
export function rescaled(images: Tensor, [low, high]: ValueRange, [newLow, newHigh]: ValueRange): Tensor {
  if (low === newLow && high === newHigh) return images;
  const scale = (newHigh - newLow) / (high - low);
  return add(mul(images, scale), newLow - low * scale);
}
