import { oneOf } from "../layers/options.js";
import { add, clip, mul, sub } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { greaterEqual, less, lessEqual, logicalAnd } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import { abs, floor, sign } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { gather } from "../ops/indexing/gather.js";
import { expandDims, reshape } from "../ops/shape/reshape.js";
import { concreteShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * What lies outside of an image `abcd`: `kkkk|abcd|kkkk` (constant), `dcba|abcd|dcba` (reflect),
 * `abcd|abcd|abcd` (wrap) or `aaaa|abcd|dddd` (nearest).
 */
export type FillMode = "constant" | "nearest" | "reflect" | "wrap";

/** How values between pixels are found. */
export type WarpInterpolation = "bilinear" | "nearest";

/** Options of layers that move pixels. */
export interface WarpOptions {
  /** What lies outside of the image. Default reflect. */
  readonly fillMode?: FillMode;
  /** The value outside of the image with fillMode constant. Default 0. */
  readonly fillValue?: number;
  /** Default bilinear. */
  readonly interpolation?: WarpInterpolation;
}

/** Keras's defaults of {@link WarpOptions}. */
export const WARP_DEFAULTS = {
  fillMode: "reflect" as FillMode,
  fillValue: 0,
  interpolation: "bilinear" as WarpInterpolation,
};

/** Refuses unknown words among {@link WarpOptions}. */
export function checkWarp<C extends Required<WarpOptions>>(where: string, config: C): C {
  oneOf(where, "fillMode", config.fillMode, ["constant", "nearest", "reflect", "wrap"]);
  oneOf(where, "interpolation", config.interpolation, ["bilinear", "nearest"]);
  return config;
}

/** Where the pixel of column x and row y comes from; arguments and results broadcast to [B,H,W]. */
export type Place = (x: Tensor, y: Tensor) => readonly [x: Tensor, y: Tensor];

/** Images whose pixels come from other places of the same images. @shape [B,H,W,C] → [B,H,W,C] */
export function warp(images: Tensor, place: Place, options: Required<WarpOptions>): Tensor {
  const [batch, height, width, channels] = concreteShape(images.shape, "warp") as [number, number, number, number];
  const line = (n: number, shape: readonly number[]): Tensor => constant(Float32Array.from({ length: n }, (_, i) => i), shape, "float32");
  const [x, y] = place(line(width, [1, 1, width]), line(height, [1, height, 1]));
  const pixels = reshape(images, [batch * height * width, channels]);
  const firsts = constant(Int32Array.from({ length: batch }, (_, i) => i * height * width), [batch, 1, 1], "int32");
  const columns = axisOf(inside(x, width, options.fillMode), width, options.interpolation);
  const rows = axisOf(inside(y, height, options.fillMode), height, options.interpolation);
  const read = (row: Neighbour, column: Neighbour): Tensor => {
    const values = gather(pixels, add(add(firsts, mul(row.at, width)), column.at)); // [B,H,W,C]
    if (options.fillMode !== "constant") return values;
    return where(expandDims(logicalAnd(row.there, column.there), -1), values, options.fillValue);
  };
  const weighed = (value: Tensor, { weight }: Neighbour): Tensor => (weight === undefined ? value : mul(value, expandDims(cast(weight, value.dtype), -1)));
  const sums = rows.map((row) => weighed(columns.map((column) => weighed(read(row, column), column)).reduce((a, b) => add(a, b)), row));
  return sums.reduce((a, b) => add(a, b));
}

/** A pixel of one axis that counts at a place. */
interface Neighbour {
  /** Its number, within the image. int32 */
  readonly at: Tensor;
  /** Whether it is one of the image. */
  readonly there: Tensor;
  /** Its share; undefined for 1. */
  readonly weight: Tensor | undefined;
}

function axisOf(place: Tensor, size: number, interpolation: WarpInterpolation): readonly Neighbour[] {
  const neighbour = (at: Tensor, weight?: Tensor): Neighbour => ({
    at: cast(clip(at, 0, size - 1), "int32"),
    there: logicalAnd(greaterEqual(at, 0), lessEqual(at, size - 1)),
    weight,
  });
  // Halves are rounded away from 0, as Keras on TensorFlow does.
  if (interpolation === "nearest") return [neighbour(mul(sign(place), floor(add(abs(place), 0.5))))];
  const first = floor(place);
  const share = sub(place, first);
  return [neighbour(first, sub(1, share)), neighbour(add(first, 1), share)];
}

/** The place within [0, size − 1] that has the value of one outside; with "constant" at most two pixels outside. */
function inside(place: Tensor, size: number, mode: FillMode): Tensor {
  if (mode === "constant") return clip(place, -2, size + 1);
  if (mode === "nearest" || size === 1) return clip(place, 0, size - 1);
  return clip(mode === "reflect" ? reflected(place, size) : wrapped(place, size), 0, size - 1);
}

function reflected(place: Tensor, size: number): Tensor {
  const around = sub(place, mul(floor(mul(place, 1 / (2 * size))), 2 * size));
  return where(less(around, size), around, sub(2 * size - 1, around));
}

/** Periods are counted by size − 1 steps and moved by size, as Keras on TensorFlow does. */
function wrapped(place: Tensor, size: number): Tensor {
  const periods = floor(mul(abs(place), 1 / (size - 1)));
  const below = add(place, mul(add(periods, 1), size));
  const above = where(lessEqual(place, size - 1), place, sub(place, mul(periods, size)));
  return where(less(place, 0), below, above);
}
