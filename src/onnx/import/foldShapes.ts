import { type Dim, mulDims } from "../../tensor/dim.js";
import type { DType } from "../../tensor/dtype.js";
import { broadcastShapes, normalizeAxis } from "../../tensor/shape.js";
import type { Call } from "./call.js";
import { type Elements, concatElements, pick, places, sizeOfNumbers, stretch } from "./elements.js";
import { arrayFrom } from "./initializer.js";
import { FOLDED_ELEMENTS } from "./value.js";

type Result = Elements & { readonly dtype?: DType };

/** What moves or makes known elements, whatever they are; undefined where it cannot be told. */
type Structural = (call: Call, parts: readonly (Elements | undefined)[]) => readonly Result[] | undefined;

const numbersIn = (part: Elements | undefined): readonly number[] | undefined =>
  part?.items.every((item) => typeof item === "number") === true ? (part.items as readonly number[]) : undefined;

const one =
  (compute: (call: Call, x: Elements, ...rest: (Elements | undefined)[]) => Result | undefined): Structural =>
  (call, [x, ...rest]) => {
    const result = x === undefined ? undefined : compute(call, x, ...rest);
    return result && [result];
  };

const reshaped = (x: Elements, shape: readonly number[]): Elements | undefined =>
  sizeOfNumbers(shape) === x.items.length ? { items: x.items, shape } : undefined;

function constantNode(call: Call): readonly Result[] | undefined {
  const [attribute] = call.node.attributes;
  if (attribute === undefined) return undefined;
  const scalar = (items: readonly number[], dtype: DType, shape: readonly number[]): readonly Result[] => [{ items, shape, dtype }];
  switch (attribute.type) {
    case "int":
      return scalar([attribute.value], "int64", []);
    case "float":
      return scalar([attribute.value], "float32", []);
    case "ints":
      return scalar(attribute.value, "int64", [attribute.value.length]);
    case "floats":
      return scalar(attribute.value, "float32", [attribute.value.length]);
    default:
      return undefined;
  }
}

/** Elements of one value; the default of ONNX is a float32 zero. */
function filled(call: Call, x: Elements): Result | undefined {
  const shape = numbersIn(x);
  if (shape === undefined || sizeOfNumbers(shape) > FOLDED_ELEMENTS) return undefined;
  const attribute = call.attribute("value");
  const stored = attribute?.type === "tensor" ? attribute.value : undefined;
  const value = stored === undefined ? 0 : Number(arrayFrom(stored)[0] ?? 0);
  return { items: Array.from({ length: sizeOfNumbers(shape) }, () => value), shape, dtype: stored?.dtype ?? "float32" };
}

function gathered(call: Call, x: Elements, indices: Elements | undefined): Result | undefined {
  const at = numbersIn(indices);
  if (at === undefined || x.shape.length === 0) return undefined;
  const axis = normalizeAxis(call.int("axis", 0), x.shape.length, call.where);
  const dim = x.shape[axis]!;
  const rows = at.map((i) => (i < 0 ? i + dim : i));
  if (rows.some((i) => i < 0 || i >= dim)) throw call.broken(`indices from ${-dim} to ${dim - 1}`, at.join(", "));
  const { shape } = indices!;
  if ((rows.length * x.items.length) / Math.max(1, dim) > FOLDED_ELEMENTS) return undefined;
  const flat = pick(x, [...x.shape.slice(0, axis), rows.length, ...x.shape.slice(axis + 1)], (place) =>
    place.map((p, i) => (i === axis ? rows[p]! : p)),
  );
  return { items: flat.items, shape: [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)] };
}

function sliced(call: Call, x: Elements, ...rest: (Elements | undefined)[]): Result | undefined {
  const from = rest[0] === undefined ? call.ints("starts") : numbersIn(rest[0]);
  const to = rest[1] === undefined ? call.ints("ends") : numbersIn(rest[1]);
  const axes = rest[2] === undefined ? (call.ints("axes") ?? from?.map((_, i) => i)) : numbersIn(rest[2]);
  const steps = rest[3] === undefined ? from?.map(() => 1) : numbersIn(rest[3]);
  if (from === undefined || to === undefined || axes === undefined || steps === undefined || steps.includes(0)) return undefined;
  const starts = x.shape.map(() => 0);
  const strides = x.shape.map(() => 1);
  const shape = [...x.shape];
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, x.shape.length, call.where);
    const [dim, step] = [x.shape[axis]!, steps[i]!];
    const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
    const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + dim : at, low), high);
    starts[axis] = clamp(from[i]!);
    strides[axis] = step;
    shape[axis] = Math.max(0, Math.ceil((clamp(to[i]!) - starts[axis]) / step));
  });
  return pick(x, shape, (place) => place.map((p, axis) => starts[axis]! + p * strides[axis]!));
}

function squeezed(call: Call, x: Elements, axes: Elements | undefined): Result | undefined {
  const given = axes === undefined ? call.ints("axes") : numbersIn(axes);
  const gone = given?.map((axis) => normalizeAxis(axis, x.shape.length, call.where));
  return reshaped(x, x.shape.filter((dim, i) => (gone === undefined ? dim !== 1 : !gone.includes(i))));
}

function unsqueezed(call: Call, x: Elements, axes: Elements | undefined): Result | undefined {
  const given = axes === undefined ? call.ints("axes") : numbersIn(axes);
  if (given === undefined) return undefined;
  const rank = x.shape.length + given.length;
  const fresh = given.map((axis) => normalizeAxis(axis, rank, call.where));
  const rest = [...x.shape];
  return reshaped(x, Array.from({ length: rank }, (_, i) => (fresh.includes(i) ? 1 : rest.shift()!)));
}

function reshapeNode(call: Call, x: Elements, to: Elements | undefined): Result | undefined {
  const given = numbersIn(to);
  if (given === undefined) return undefined;
  const keeps = !call.flag("allowzero");
  const shape = given.map((dim, i) => (dim === 0 && keeps ? (x.shape[i] ?? 0) : dim));
  const known = sizeOfNumbers(shape.filter((dim) => dim !== -1));
  return reshaped(x, shape.map((dim) => (dim === -1 ? x.items.length / known : dim)));
}

function expanded(call: Call, x: Elements, to: Elements | undefined): Result | undefined {
  const given = numbersIn(to);
  if (given === undefined) return undefined;
  const shape = broadcastShapes(x.shape, given, call.where) as readonly number[];
  return sizeOfNumbers(shape) > FOLDED_ELEMENTS ? undefined : stretch(x, shape);
}

function ranged(_call: Call, start: Elements, limit: Elements | undefined, delta: Elements | undefined): Result | undefined {
  const [from, to, step] = [start, limit, delta].map((part) => numbersIn(part)?.[0]);
  if (from === undefined || to === undefined || step === undefined) return undefined;
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= FOLDED_ELEMENTS)) return undefined;
  return { items: Array.from({ length }, (_, i) => from + i * step), shape: [length] };
}

function transposed(call: Call, x: Elements): Result | undefined {
  const order = call.ints("perm") ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  if (order.toSorted((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== x.shape.length) return undefined;
  return pick(x, order.map((axis) => x.shape[axis]!), (place) => x.shape.map((_, axis) => place[order.indexOf(axis)]!));
}

function tiled(_call: Call, x: Elements, counts: Elements | undefined): Result | undefined {
  const times = numbersIn(counts);
  if (times?.length !== x.shape.length) return undefined;
  const shape = x.shape.map((dim, i) => dim * times[i]!);
  if (sizeOfNumbers(shape) > FOLDED_ELEMENTS) return undefined;
  return pick(x, shape, (place) => place.map((p, i) => p % x.shape[i]!));
}

/** The places of elements other than 0, a row for each axis. */
function nonZero(_call: Call, x: Elements): Result | undefined {
  const values = numbersIn(x);
  if (values === undefined) return undefined;
  const found: number[][] = [];
  let i = 0;
  for (const place of places(x.shape)) if (values[i++] !== 0) found.push([...place]);
  const rows = x.shape.map((_, axis) => found.map((place) => place[axis]!));
  return { items: rows.flat(), shape: [x.shape.length, found.length], dtype: "int64" };
}

const split: Structural = (call, [x, sizes]) => {
  if (x === undefined) return undefined;
  const axis = normalizeAxis(call.int("axis", 0), x.shape.length, call.where);
  const count = call.node.outputs.length;
  const chunk = Math.ceil(x.shape[axis]! / count);
  const given = sizes === undefined ? call.ints("split") : numbersIn(sizes);
  const parts = given ?? Array.from({ length: count }, (_, i) => Math.min(chunk, x.shape[axis]! - i * chunk));
  let start = 0;
  if (parts.reduce((a, b) => a + b, 0) !== x.shape[axis] || parts.some((part) => part < 0)) return undefined;
  return parts.map((size) => {
    const from = start;
    start += size;
    return pick(x, x.shape.map((dim, i) => (i === axis ? size : dim)), (place) => place.map((p, i) => (i === axis ? p + from : p)));
  });
};

const concat: Structural = (call, parts) => {
  const given = parts.filter((part) => part !== undefined);
  const rank = given[0]?.shape.length ?? 0;
  if (rank === 0 || given.some(({ shape }) => shape.length !== rank)) return undefined;
  if (given.reduce((sum, { items }) => sum + items.length, 0) > FOLDED_ELEMENTS) return undefined;
  return [concatElements(given, normalizeAxis(call.int("axis", 0), rank, call.where))];
};

function flattened(call: Call, x: Elements): Result | undefined {
  const axis = call.int("axis", 1);
  const at = axis < 0 ? axis + x.shape.length : axis;
  return reshaped(x, [x.shape.slice(0, at), x.shape.slice(at)].map((dims) => dims.reduce<Dim>(mulDims, 1) as number));
}

export const STRUCTURAL: Readonly<Record<string, Structural>> = {
  Constant: constantNode,
  ConstantOfShape: one(filled),
  Concat: concat,
  Expand: one(expanded),
  Flatten: one(flattened),
  Gather: one(gathered),
  NonZero: one(nonZero),
  Range: one(ranged),
  Reshape: one(reshapeNode),
  Slice: one(sliced),
  Split: split,
  Squeeze: one(squeezed),
  Tile: one(tiled),
  Transpose: one(transposed),
  Unsqueeze: one(unsqueezed),
};
