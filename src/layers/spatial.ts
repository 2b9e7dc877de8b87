import { samePadding, type Padding as Pads } from "../ops/nn/conv.js";
import { transpose } from "../ops/shape/transpose.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { badOption, knownDim, needRank, wholeNumber } from "./options.js";

/** Where the channel axis lies: last, as in Keras by default, or right after the batch axis. */
export type DataFormat = "channelsLast" | "channelsFirst";

export const DATA_FORMATS: readonly DataFormat[] = ["channelsLast", "channelsFirst"];

/** How borders are treated: no padding, or so that stride 1 keeps the size. */
export type Padding = "valid" | "same";
export const PADDINGS: readonly Padding[] = ["valid", "same"];

/** A number for the one spatial axis. */
export type Single = number | readonly [number];

/** A number for both axes, or one each for height and width. */
export type Pair = number | readonly [number, number];

/** A number for all axes, or one each for depth, height and width. */
export type Triple = number | readonly [number, number, number];

/** A number for each spatial axis, or one for all. */
export type PerAxis = number | readonly number[];

/** One number for each of `rank` spatial axes. */
export function perAxis(value: PerAxis, rank: number): readonly number[] {
  return typeof value === "number" ? Array.from({ length: rank }, () => value) : value;
}

/** {@link perAxis}, refusing what is not one whole number for all axes or one for each. */
export function wholePerAxis(where: string, option: string, value: unknown, rank: number, least = 1): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : Array.from({ length: rank }, () => value);
  if (list.length !== rank) throw badOption(where, option, `one whole number or ${rank}`, value);
  return list.map((item) => wholeNumber(where, option, item, least));
}

const AXES: Readonly<Record<number, string>> = { 1: "length", 2: "height, width", 3: "depth, height, width" };

/** Refuses an input that does not have `rank` spatial axes. */
export function needSpatial(where: string, shape: Shape, rank: number, format: DataFormat): void {
  const axes = format === "channelsFirst" ? `channels, ${AXES[rank]}` : `${AXES[rank]}, channels`;
  needRank(where, shape, rank + 2, `[batch, ${axes}]`);
}

/** The place of the channels. */
export function channelAxis(format: DataFormat): 1 | -1 {
  return format === "channelsFirst" ? 1 : -1;
}

/** [B,...S,C] → [B,C,...S], unless it is so already. */
export function channelsToFront(x: Tensor, format: DataFormat): Tensor {
  if (format === "channelsFirst") return x;
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [0, axes.length - 1, ...axes.slice(1, -1)]);
}

/** [B,C,...S] → [B,...S,C], unless it shall stay so. */
export function channelsToBack(x: Tensor, format: DataFormat): Tensor {
  if (format === "channelsFirst") return x;
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [0, ...axes.slice(2), 1]);
}

/** How windows move over the spatial axes. */
export interface WindowOptions {
  readonly kernelSize: PerAxis;
  readonly strides: PerAxis;
  readonly dilationRate: PerAxis;
  readonly padding: Padding | "causal";
}

/** The padding of each spatial axis of x [B,C,...S]. */
export function windowPads(where: string, shape: Shape, options: WindowOptions): readonly Pads[] {
  const rank = shape.length - 2;
  const [strides, dilations] = [perAxis(options.strides, rank), perAxis(options.dilationRate, rank)];
  return perAxis(options.kernelSize, rank).map((size, i): Pads => {
    if (options.padding === "valid") return [0, 0];
    if (options.padding === "causal") return [(size - 1) * dilations[i]!, 0];
    const dim = shape[i + 2]!;
    // Windows that move by one element need the same padding whatever the size.
    return samePadding(typeof dim === "string" && strides[i] === 1 ? 1 : knownDim(where, shape, i + 2), size, strides[i], dilations[i]);
  });
}
