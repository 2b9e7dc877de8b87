import * as ops from "../../../ops/index.js";
import { type Dim, concreteDim } from "../../../tensor/dim.js";
import { arrayOf, isFloat } from "../../../tensor/dtype.js";
import { normalizeAxis } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";

/** One axis that gets a new size. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/** Where an element of the new axis lies on the old one. */
const COORDINATES: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, { scale, to }) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  asymmetric: (i, { scale }) => i / scale,
  align_corners: (i, { from, to }) => (to === 1 ? 0 : (i * (from - 1)) / (to - 1)),
  tf_half_pixel_for_nn: (i, { scale }) => (i + 0.5) / scale,
  half_pixel_symmetric: (i, { from, to, scale }) => (from / 2) * (1 - to / (scale * from)) + (i + 0.5) / scale - 0.5,
};

const ROUNDING: Readonly<Record<string, (at: number) => number>> = {
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Tables of more weights are not built. */
const MAX_WEIGHTS = 2 ** 24;

/** How much the elements around count, by their distance. */
function kernel(mode: string, a: number): { readonly radius: number; readonly at: (distance: number) => number } {
  if (mode === "linear") return { radius: 1, at: (d) => Math.max(0, 1 - d) };
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return { radius: 2, at: (d) => (d < 1 ? near(d) : d < 2 ? far(d) : 0) };
}

interface Interpolation {
  readonly mode: string;
  readonly place: (i: number, axis: Axis) => number;
  readonly round: (at: number) => number;
  readonly cubic: number;
  readonly excludeOutside: boolean;
}

/** Row i holds how much each old element counts in new element i. */
function weights(axis: Axis, { mode, place, cubic, excludeOutside }: Interpolation): Float64Array {
  const table = new Float64Array(axis.from * axis.to);
  const { radius, at } = kernel(mode, cubic);
  for (let i = 0; i < axis.to; i++) {
    const given = place(i, axis);
    const center = mode === "linear" ? Math.min(Math.max(given, 0), axis.from - 1) : given;
    const first = Math.floor(center) - radius + 1;
    const parts = Array.from({ length: 2 * radius }, (_, k) => ({ at: first + k, weight: at(Math.abs(center - first - k)) }));
    const kept = excludeOutside ? parts.filter((part) => part.at >= 0 && part.at < axis.from) : parts;
    const total = excludeOutside ? kept.reduce((sum, part) => sum + part.weight, 0) : 1;
    for (const part of kept) {
      const column = Math.min(Math.max(part.at, 0), axis.from - 1);
      table[i * axis.from + column]! += part.weight / total;
    }
  }
  return table;
}

function along(x: Tensor, at: number, axis: Axis, how: Interpolation): Tensor {
  if (how.mode === "nearest") {
    const places = Array.from({ length: axis.to }, (_, i) => Math.min(Math.max(how.round(how.place(i, axis)), 0), axis.from - 1));
    const times = axis.to / axis.from;
    // Whole copies side by side, which has a faster form.
    if (Number.isInteger(times) && places.every((place, i) => place === Math.floor(i / times))) return ops.repeat(x, times, at);
    return ops.gather(x, ops.constant(Int32Array.from(places), [axis.to], "int32"), at);
  }
  return ops.mapAxis(x, ops.constant(arrayOf(x.dtype, weights(axis, how)), [axis.to, axis.from], x.dtype), at);
}

function interpolated(x: Tensor, axes: readonly (Axis | undefined)[], how: Interpolation): Outputs {
  if (how.mode !== "nearest" && !isFloat(x.dtype)) return undefined;
  if (axes.some((axis) => axis !== undefined && (axis.to < 1 || axis.from * axis.to > MAX_WEIGHTS))) return undefined;
  return axes.reduce((y, axis, at) => (axis === undefined || (axis.scale === 1 && axis.to === axis.from) ? y : along(y, at, axis, how)), x);
}

function resize(call: Call): Outputs {
  const x = call.tensor(0);
  const place = COORDINATES[call.string("coordinate_transformation_mode", "half_pixel")];
  const round = ROUNDING[call.string("nearest_mode", "round_prefer_floor")];
  // Version 10 has no region of interest, and its own coordinates.
  const old = call.version < 11;
  if (place === undefined || round === undefined || call.flag("antialias") || call.string("keep_aspect_ratio_policy", "stretch") !== "stretch") return undefined;
  const axes = call.ints("axes")?.map((axis) => normalizeAxis(axis, x.rank, call.where)) ?? x.shape.map((_, i) => i);
  const scales = call.has(old ? 1 : 2) ? call.numbers(old ? 1 : 2) : [];
  const sizes = !old && call.has(3) ? call.items(3) : [];
  const given = sizes.length > 0 ? sizes : scales;
  if (given.length !== axes.length) throw call.broken(`a scale or size for each of ${axes.length} axes`, `${given.length}`);
  return interpolated(x, resized(call, x, axes, scales, sizes), {
    mode: call.string("mode", "nearest"),
    place: old ? COORDINATES["asymmetric"]! : place,
    round: old ? Math.floor : round,
    cubic: call.float("cubic_coeff_a", -0.75),
    excludeOutside: call.flag("exclude_outside"),
  });
}

/** For each axis of x, what becomes of it; undefined where nothing does, so that it may be free. */
function resized(call: Call, x: Tensor, axes: readonly number[], scales: readonly number[], sizes: readonly Dim[]): (Axis | undefined)[] {
  return x.shape.map((dim, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0 || (sizes.length > 0 ? sizes[at] === dim : scales[at] === 1)) return undefined;
    const from = concreteDim(dim, call.where);
    if (sizes.length === 0) return { from, to: Math.floor(from * scales[at]!), scale: scales[at]! };
    const to = concreteDim(sizes[at]!, call.where);
    return { from, to, scale: to / from };
  });
}

function upsample(call: Call): Outputs {
  const x = call.tensor(0);
  const scales = call.has(1) ? call.numbers(1) : (call.floats("scales") ?? []);
  if (scales.length !== x.rank) throw call.broken(`${x.rank} scales`, `${scales.length}`);
  const how = { mode: call.string("mode", "nearest"), place: COORDINATES["asymmetric"]!, round: Math.floor, cubic: -0.75, excludeOutside: false };
  return interpolated(x, resized(call, x, x.shape.map((_, i) => i), scales, []), how);
}

export const resizing: Readonly<Record<string, Rule>> = { Resize: resize, Upsample: upsample };
