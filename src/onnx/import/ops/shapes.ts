import * as ops from "../../../ops/index.js";
import { type Dim, addDims, divDims, mulDims } from "../../../tensor/dim.js";
import { type Shape, broadcastShapes, normalizeAxes, normalizeAxis, symbolicSize } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { type Call, NotConstant, type Outputs, type Rule } from "../call.js";
import { arrayFrom } from "../initializer.js";

function reshape(call: Call): Outputs {
  const x = call.tensor(0);
  const given = call.has(1) ? call.items(1) : (call.ints("shape") ?? []);
  const keeps = !call.flag("allowzero");
  return ops.reshape(x, given.map((dim, i) => (dim === 0 && keeps ? (x.shape[i] ?? 0) : dim)));
}

function flatten(call: Call): Outputs {
  const x = call.tensor(0);
  const axis = call.int("axis", 1);
  const at = axis < 0 ? axis + x.rank : axis;
  return ops.reshape(x, [symbolicSize(x.shape.slice(0, at)), symbolicSize(x.shape.slice(at))]);
}

function squeeze(call: Call): Outputs {
  const axes = call.listed("axes", 1);
  return ops.squeeze(call.tensor(0), axes);
}

function unsqueeze(call: Call): Outputs {
  const x = call.tensor(0);
  const axes = call.listed("axes", 1) ?? [];
  const fresh = normalizeAxes(axes, x.rank + axes.length, call.where);
  const rest = [...x.shape];
  return ops.reshape(x, Array.from({ length: x.rank + axes.length }, (_, i) => (fresh.includes(i) ? 1 : rest.shift()!)));
}

function expand(call: Call): Outputs {
  const x = call.tensor(0);
  return ops.broadcastTo(x, broadcastShapes(x.shape, call.items(1), call.where));
}

/** Parts of given sizes, or equal ones of which the last may be shorter. */
function split(call: Call): Outputs {
  const x = call.tensor(0);
  const axis = normalizeAxis(call.int("axis", 0), x.rank, call.where);
  const count = call.node.outputs.length;
  const given = call.listed("split", 1);
  const size = x.shape[axis]!;
  if (given === undefined && typeof size === "string") {
    const part = divDims(size, count);
    if (part === undefined) throw new NotConstant(call.where, 0, call.value(0));
    return Array.from({ length: count }, (_, i) => sliceFrom(x, axis, mulDims(part, i), part));
  }
  const chunk = Math.ceil((size as number) / count);
  return ops.split(x, given ?? Array.from({ length: count }, (_, i) => Math.min(chunk, (size as number) - i * chunk)), axis);
}

function sliceFrom(x: Tensor, axis: number, start: Dim, size: Dim): Tensor {
  if (typeof start === "string") throw new RangeError("a free start");
  return ops.sliceAlong(x, axis, start, addDims(start, size));
}

function slice(call: Call): Outputs {
  const x = call.tensor(0);
  const starts = call.has(1) ? call.items(1) : (call.ints("starts") ?? []);
  const ends = call.has(2) ? call.items(2) : (call.ints("ends") ?? []);
  const axes = call.has(3) ? call.numbers(3) : (call.ints("axes") ?? starts.map((_, i) => i));
  const steps = call.has(4) ? call.numbers(4) : starts.map(() => 1);
  const from = x.shape.map(() => 0);
  const to: Dim[] = [...x.shape];
  const stride = x.shape.map(() => 1);
  for (const [i, given] of axes.entries()) {
    const axis = normalizeAxis(given, x.rank, call.where);
    const [start, end, step, dim] = [starts[i]!, ends[i]!, steps[i]!, x.shape[axis]!];
    if (typeof start === "string") throw new NotConstant(call.where, 1, call.value(1));
    stride[axis] = step;
    if (typeof dim === "number" && typeof end === "number") [from[axis], to[axis]] = [start, end];
    else {
      // Of a free axis, parts from its beginning to its end, or counted from one of them.
      const place = freePlace(end, dim);
      if (step !== 1 || start < 0 || place === undefined) throw new NotConstant(call.where, 0, call.value(0));
      [from[axis], to[axis]] = [start, place];
    }
  }
  return ops.slice(x, from, to, stride);
}

/** Where a slice of a free axis ends; undefined where its size would decide. */
function freePlace(end: Dim, dim: Dim): Dim | undefined {
  if (typeof end === "string") return end === dim ? dim : undefined;
  if (end < 0) return addDims(dim, end);
  return end >= 2 ** 31 - 1 ? dim : undefined;
}

/** Constant padding may be negative, which cuts; the other kinds copy elements of x. */
function pad(call: Call): Outputs {
  const x = call.tensor(0);
  const pads = call.version < 11 ? (call.ints("pads") ?? []) : call.numbers(1);
  const axes = call.has(3) ? call.numbers(3).map((axis) => normalizeAxis(axis, x.rank, call.where)) : x.shape.map((_, i) => i);
  if (pads.length !== 2 * axes.length) throw call.broken(`${2 * axes.length} pads`, `${pads.length}`);
  const pairs = x.shape.map((_, axis): [number, number] => {
    const at = axes.indexOf(axis);
    return at < 0 ? [0, 0] : [pads[at]!, pads[axes.length + at]!];
  });
  const mode = call.string("mode", "constant");
  if (mode !== "constant") return mirrored(call, x, pairs, mode);
  const value = call.version < 11 ? call.float("value", 0) : call.has(2) ? (call.numbers(2)[0] ?? 0) : 0;
  const grown = ops.pad(x, pairs.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const), value);
  const starts = pairs.map(([before]) => Math.max(0, -before));
  return ops.slice(grown, starts, grown.shape.map((dim, i) => addDims(dim, Math.min(0, pairs[i]![1]))));
}

/** Axis by axis, the elements at computed places. */
function mirrored(call: Call, x: Tensor, pairs: readonly (readonly [number, number])[], mode: string): Outputs {
  const at = PLACES[mode];
  if (at === undefined || x.dtype === "bool") return undefined;
  return pairs.reduce((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const size = y.shape[axis]!;
    if (typeof size === "string") throw new NotConstant(call.where, 0, call.value(0));
    if (before + size + after > MAX_PLACES) throw call.broken(`at most ${MAX_PLACES} elements on an axis that copies`, `${before + size + after}`);
    const places = Array.from({ length: Math.max(0, before + size + after) }, (_, i) => at(i - before, size));
    return ops.gather(y, ops.constant(Int32Array.from(places), [places.length], "int32"), axis);
  }, x);
}

const MAX_PLACES = 2 ** 22;

/** Which element stands at a place outside. */
const PLACES: Readonly<Record<string, (at: number, size: number) => number>> = {
  edge: (at, size) => Math.min(Math.max(at, 0), size - 1),
  reflect: (at, size) => {
    const period = Math.max(1, 2 * (size - 1));
    const within = ((at % period) + period) % period;
    return within < size ? within : period - within;
  },
  wrap: (at, size) => ((at % size) + size) % size,
};

function constantOfShape(call: Call): Outputs {
  const attribute = call.attribute("value");
  const stored = attribute?.type === "tensor" ? attribute.value : undefined;
  const value = stored === undefined ? 0 : Number(arrayFrom(stored)[0] ?? 0);
  return ops.full(call.items(0), value, stored?.dtype ?? "float32");
}

/** Blocks of channels spread over space: depth, column, row order or column, row, depth order. */
function depthToSpace(call: Call): Outputs {
  const x = call.tensor(0);
  const block = call.int("blocksize", 1);
  const [batch, channels, height, width] = x.shape as readonly [Dim, Dim, Dim, Dim];
  const rest = divDims(channels, block * block);
  if (rest === undefined || x.rank !== 4) throw call.broken("channels that the block divides", String(channels));
  const first = call.string("mode", "DCR") === "DCR";
  const laid: Shape = first ? [batch, block, block, rest, height, width] : [batch, rest, block, block, height, width];
  const order = first ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return ops.reshape(ops.transpose(ops.reshape(x, laid), order), [batch, rest, mulDims(height, block), mulDims(width, block)]);
}

function spaceToDepth(call: Call): Outputs {
  const x = call.tensor(0);
  const block = call.int("blocksize", 1);
  const [batch, channels, height, width] = x.shape as readonly [Dim, Dim, Dim, Dim];
  const [rows, columns] = [divDims(height, block), divDims(width, block)];
  if (rows === undefined || columns === undefined || x.rank !== 4) throw call.broken("sizes that the block divides", x.toString());
  const laid = ops.reshape(x, [batch, channels, rows, block, columns, block]);
  return ops.reshape(ops.transpose(laid, [0, 3, 5, 1, 2, 4]), [batch, mulDims(channels, block * block), rows, columns]);
}

function trilu(call: Call): Outputs {
  const x = call.tensor(0);
  const k = call.has(1) ? call.numbers(1)[0]! : 0;
  if (x.dtype === "bool" || x.shape.slice(-2).some((dim) => typeof dim === "string" || dim === 0)) return undefined;
  return call.int("upper", 1) === 0 ? ops.tril(x, k) : ops.triu(x, k);
}

export const shapes: Readonly<Record<string, Rule>> = {
  Concat: (call) => ops.concat(call.inputs.filter((input) => input !== undefined).map((input) => input.tensor), call.int("axis", 0)),
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: (call) => ops.tile(call.tensor(0), call.numbers(1)),
  Transpose: (call) => ops.transpose(call.tensor(0), call.ints("perm")),
  Trilu: trilu,
  Unsqueeze: unsqueeze,
};
