import { concreteDim } from "../../tensor/dim.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add } from "../elementwise/binary.js";
import { concat } from "../shape/concat.js";
import { zerosLike } from "../shape/fill.js";
import { pad } from "../shape/pad.js";
import { expandDims, reshape } from "../shape/reshape.js";
import { slice } from "../shape/slice.js";
import type { Padding } from "./convGeometry.js";

/** Windows over an input [B,C,...S,...] that is padded already. */
export interface Windows {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  /** Number of windows on each axis. */
  readonly counts: readonly number[];
  /** Padded size of each axis. */
  readonly sizes: readonly number[];
}

/** x with padding around its spatial axes. */
export function padSpatial(x: Tensor, padding: readonly Padding[], value: number): Tensor {
  return pad(x, paddings(x, padding), value);
}

/** The adjoint of {@link padSpatial}. */
export function cropSpatial(x: Tensor, padding: readonly Padding[]): Tensor {
  const all = paddings(x, padding);
  const ends = x.shape.map((dim, i) => (all[i]![1] === 0 ? dim : concreteDim(dim, "pool") - all[i]![1]));
  return slice(x, all.map(([before]) => before), ends);
}

/** The padding of each axis; none of batch and channels, nor of what a layout puts after the spatial axes. */
function paddings(x: Tensor, padding: readonly Padding[]): readonly Padding[] {
  return x.shape.map((_, i) => padding[i - 2] ?? [0, 0]);
}

/** For each place in the window, in row-major order, the elements that all windows have there. */
export function windowSlabs(x: Tensor, { poolSize, strides, counts }: Windows): Tensor[] {
  let slabs = [x];
  poolSize.forEach((taps, i) => {
    slabs = slabs.flatMap((slab) => Array.from({ length: taps }, (_, t) => everyNth(slab, i + 2, t, strides[i]!, counts[i]!)));
  });
  return slabs;
}

/** `count` elements along an axis, from `start` on, every `step`-th. */
function everyNth(x: Tensor, axis: number, start: number, step: number, count: number): Tensor {
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  const ends = x.shape.map((dim, i) => (i === axis ? start + (count - 1) * step + 1 : dim));
  return slice(x, starts, ends, x.shape.map((_, i) => (i === axis ? step : 1)));
}

/** The sum of slabs put back where {@link windowSlabs} took them from: its adjoint. */
export function sumSlabs(slabs: readonly Tensor[], { poolSize, strides, sizes }: Windows): Tensor {
  let parts = slabs;
  for (let i = poolSize.length - 1; i >= 0; i--) {
    const taps = poolSize[i]!;
    parts = Array.from({ length: parts.length / taps }, (_, row) =>
      placeAlong(parts.slice(row * taps, (row + 1) * taps), i + 2, strides[i]!, sizes[i]!),
    );
  }
  return parts[0]!;
}

/** Σₜ of part t at the elements t, t + step, t + 2·step, … of an axis of `size` elements. */
export function placeAlong(parts: readonly Tensor[], axis: number, step: number, size: number): Tensor {
  const count = concreteDim(parts[0]!.shape[axis]!, "pool");
  const rows = Math.ceil(size / step);
  // Parts with equal t mod step meet in one phase; phases then interleave without any addition.
  const phases: Tensor[] = [];
  parts.forEach((part, t) => {
    const shift = Math.floor(t / step);
    const placed = pad(part, part.shape.map((_, i) => (i === axis ? [shift, rows - count - shift] : [0, 0])));
    const phase = phases[t % step];
    phases[t % step] = phase === undefined ? placed : add(phase, placed);
  });
  while (phases.length < step) phases.push(zerosLike(phases[0]!));
  const woven = concat(phases.map((phase) => expandDims(phase, axis + 1)), axis + 1);
  const flat = reshape(woven, phases[0]!.shape.map((dim, i) => (i === axis ? rows * step : dim)));
  return slice(flat, flat.shape.map(() => 0), flat.shape.map((dim, i) => (i === axis ? size : dim)));
}
