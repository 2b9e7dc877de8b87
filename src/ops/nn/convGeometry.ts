import { shapeError } from "../../graph/node.js";
import { addDims, concreteDim, type Dim } from "../../tensor/dim.js";
import { concreteShape, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** How many elements of padding stand before and after one spatial axis. */
export type Padding = readonly [before: number, after: number];

/** No padding: windows lie wholly inside. */
export const validPadding: Padding = [0, 0];

/**
 * TensorFlow's padding for an output of ⌈size / stride⌉ elements; of an odd number of padding
 * elements the larger half comes after.
 *
 * @example
 * samePadding(8, 3, 2); // [0, 1]
 */
export function samePadding(size: number, kernel: number, stride = 1, dilation = 1): Padding {
  const outputs = Math.ceil(size / stride);
  const total = Math.max(0, (outputs - 1) * stride + (kernel - 1) * dilation + 1 - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** How a kernel moves over the spatial axes; a plain number counts for each of them. */
export interface ConvOptions {
  /** Elements from one window to the next, at least 1. Default 1. */
  readonly strides?: number | readonly number[];
  /** Elements from one kernel tap to the next, at least 1. Default 1. */
  readonly dilations?: number | readonly number[];
  /** Zeros around each spatial axis. Default none. */
  readonly padding?: readonly Padding[];
  /** Parts that channels are cut into, each seen by its own part of the kernel. Default 1. */
  readonly groups?: number;
}

/** {@link ConvOptions} with every field filled in, one entry per spatial axis. */
export type ConvAttrs = {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: readonly Padding[];
  readonly groups: number;
};

/** Fills in defaults; `rank` is the number of spatial axes. */
export function convAttrs(op: string, options: ConvOptions, rank: number): ConvAttrs {
  return {
    strides: perAxis(op, "strides", options.strides ?? 1, rank),
    dilations: perAxis(op, "dilations", options.dilations ?? 1, rank),
    padding: paddingPerAxis(op, options.padding, rank),
    groups: options.groups ?? 1,
  };
}

/** One whole number of at least 1 for each spatial axis. */
export function perAxis(op: string, option: string, value: number | readonly number[], rank: number): readonly number[] {
  const list = typeof value === "number" ? Array.from({ length: rank }, () => value) : value;
  if (list.length === rank && list.every((n) => Number.isInteger(n) && n >= 1)) return list;
  throw shapeError(op, `${option} of at least 1 for ${rank} spatial axes`, [list]);
}

export function paddingPerAxis(op: string, padding: readonly Padding[] | undefined, rank: number): readonly Padding[] {
  const list = padding ?? Array.from({ length: rank }, () => validPadding);
  if (list.length === rank && list.flat().every((n) => Number.isInteger(n) && n >= 0)) return list;
  throw shapeError(op, `a pair of paddings of at least 0 for ${rank} spatial axes`, list);
}

/** The sizes of the axes after batch and channels. */
export function spatialOf(x: Tensor, op: string): number[] {
  if (x.rank < 3) throw shapeError(op, "[batch, channels, ...spatial] with at least one spatial axis", [x.shape]);
  return concreteShape(x.shape.slice(2), op);
}

/** How many places a window of `kernel` taps has on each axis. */
export function windowCounts<S extends Dim>(
  op: string,
  sizes: readonly S[],
  kernel: readonly number[],
  { strides, dilations, padding }: Omit<ConvAttrs, "groups">,
): S[] {
  return sizes.map((dim, i): Dim => {
    const [before, after] = padding[i]!;
    const extent = (kernel[i]! - 1) * dilations[i]! + 1;
    // Where windows move by one element, their number is known of a free size too.
    if (typeof dim === "string" && strides[i] === 1) return addDims(dim, before + after + 1 - extent);
    const size = concreteDim(dim, op);
    const padded = before + size + after;
    if (padded >= extent && kernel[i]! >= 1) return Math.floor((padded - extent) / strides[i]!) + 1;
    const fix = 'use a smaller window or padding: "same"';
    throw shapeError(op, `windows no longer than the input: ${extent} of ${padded} on spatial axis ${i}`, [sizes], fix);
  }) as S[];
}

/** Elements at the end of each padded axis that no window reaches, fewer than the stride. */
export function leftovers(
  sizes: readonly number[],
  kernel: readonly number[],
  counts: readonly number[],
  { strides, dilations, padding }: ConvAttrs,
): number[] {
  return sizes.map((size, i) => {
    const [before, after] = padding[i]!;
    return before + size + after - ((kernel[i]! - 1) * dilations[i]! + 1) - (counts[i]! - 1) * strides[i]!;
  });
}

/** Refuses channels that do not fit the kernel, and groups that do not divide them. */
export function checkChannels(op: string, channels: Shape[number], kernel: Shape, groups: number): void {
  const [outputs, perGroup] = kernel;
  const divides = Number.isInteger(groups) && groups >= 1 && typeof outputs === "number" && outputs % groups === 0;
  if (!divides) throw shapeError(op, `filters that ${groups} groups divide, in a kernel [filters, channels, ...]`, [kernel]);
  if (typeof perGroup !== "number" || channels !== perGroup * groups) {
    throw shapeError(op, `${String(perGroup)} · ${groups} groups = ${Number(perGroup) * groups} channels`, [[channels]]);
  }
}
