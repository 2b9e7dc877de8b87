import type { Tensor } from "../../tensor/tensor.js";
import { add } from "../elementwise/binary.js";
import { concat } from "../shape/concat.js";
import { full, zerosLike } from "../shape/fill.js";
import { pad } from "../shape/pad.js";
import { expandDims, reshape } from "../shape/reshape.js";
import { slice } from "../shape/slice.js";
import type { Padding } from "./convGeometry.js";

/** How windows move along one axis. */
export interface Walk {
  readonly axis: number;
  /** Elements of a window. */
  readonly taps: number;
  /** Elements from one window to the next. */
  readonly step: number;
  /** Number of windows. */
  readonly count: number;
  /** Elements of the axis, without padding. */
  readonly size: number;
  readonly padding: Padding;
}

/** The elements that all windows have at place `tap`; those of the padding are `outside`. */
export function tapAlong(x: Tensor, { axis, step, count, size, padding: [before] }: Walk, tap: number, outside: number): Tensor {
  const first = tap - before;
  const skipped = Math.ceil(Math.max(0, -first) / step);
  const missing = Math.max(0, count - 1 - Math.floor((size - 1 - first) / step));
  const start = first + skipped * step;
  const inside = count - skipped - missing;
  if (inside <= 0) return full(x.shape.map((dim, i) => (i === axis ? count : dim)), outside, x.dtype);
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  const ends = x.shape.map((dim, i) => (i === axis ? start + (inside - 1) * step + 1 : dim));
  const found = slice(x, starts, ends, x.shape.map((_, i) => (i === axis ? step : 1)));
  return pad(found, x.shape.map((_, i) => (i === axis ? [skipped, missing] : [0, 0])), outside);
}

/** Σₜ of part t put where {@link tapAlong} takes it from: its adjoint. What falls on the padding is left out. */
export function placeAlong(parts: readonly Tensor[], { axis, step, count, size, padding: [before] }: Walk): Tensor {
  const rows = Math.ceil(size / step);
  // Parts with equal places mod step meet in one phase; phases then interleave without any addition.
  const phases: (Tensor | undefined)[] = Array.from({ length: step }, () => undefined);
  parts.forEach((part, t) => {
    const place = t - before;
    const phase = ((place % step) + step) % step;
    const shift = (place - phase) / step;
    const placed = moved(part, axis, shift, count, rows);
    if (placed === undefined) return;
    const there = phases[phase];
    phases[phase] = there === undefined ? placed : add(there, placed);
  });
  const some = phases.find((phase) => phase !== undefined)!;
  if (step === 1) return some;
  const woven = concat(phases.map((phase) => expandDims(phase ?? zerosLike(some), axis + 1)), axis + 1);
  const flat = reshape(woven, some.shape.map((dim, i) => (i === axis ? rows * step : dim)));
  return slice(flat, flat.shape.map(() => 0), flat.shape.map((dim, i) => (i === axis ? size : dim)));
}

/** The `count` elements of an axis moved by `shift`, in `rows` elements; undefined where none is left. */
function moved(x: Tensor, axis: number, shift: number, count: number, rows: number): Tensor | undefined {
  const [begin, end] = [Math.max(0, -shift), Math.min(count, rows - shift)];
  if (begin >= end) return undefined;
  const kept = slice(x, x.shape.map((_, i) => (i === axis ? begin : 0)), x.shape.map((dim, i) => (i === axis ? end : dim)));
  return pad(kept, x.shape.map((_, i) => (i === axis ? [begin + shift, rows - shift - end] : [0, 0])));
}
