import { type Dim, addDims, divDims, mulDims } from "../../tensor/dim.js";
import { type DType, isFloat } from "../../tensor/dtype.js";
import { broadcastShapes, normalizeAxis } from "../../tensor/shape.js";
import { dtypeOfElementType } from "../proto.js";
import type { Call } from "./call.js";
import { type Elements, pick, places, sizeOfNumbers, stretch } from "./elements.js";
import { STRUCTURAL } from "./foldShapes.js";
import { FOLDED_ELEMENTS, Value } from "./value.js";

/** One element of each operand to one of the result; undefined where free dimensions leave it open. */
type Scalar = (x: Dim, y: Dim, whole: boolean) => Dim | undefined;

/** Arithmetic that free dimensions do not have. */
const numeric =
  (compute: (x: number, y: number, whole: boolean) => number): Scalar =>
  (x, y, whole) =>
    typeof x === "number" && typeof y === "number" ? compute(x, y, whole) : undefined;

const compare =
  (holds: (x: number, y: number) => boolean): Scalar =>
  (x, y) =>
    typeof x === "number" && typeof y === "number" ? Number(holds(x, y)) : undefined;

/** A dimension is never negative, which settles the comparisons that exports make. */
const equal: Scalar = (x, y) => {
  if (typeof x === typeof y) return x === y ? 1 : typeof x === "number" ? 0 : undefined;
  return (typeof x === "number" && x < 0) || (typeof y === "number" && y < 0) ? 0 : undefined;
};

const divide: Scalar = (x, y, whole) => {
  if (typeof x === "number" && typeof y === "number") return whole ? (y === 0 ? undefined : Math.trunc(x / y)) : x / y;
  return divDims(x, y);
};

const mod: Scalar = numeric((x, y) => x - y * Math.floor(x / y));

const BINARY: Readonly<Record<string, Scalar>> = {
  Add: addDims,
  Sub: (x, y) => addDims(x, mulDims(y, -1)),
  Mul: mulDims,
  Div: divide,
  Pow: numeric((x, y) => x ** y),
  Max: numeric((x, y) => Math.max(x, y)),
  Min: numeric((x, y) => Math.min(x, y)),
  Equal: equal,
  Less: compare((x, y) => x < y),
  LessOrEqual: compare((x, y) => x <= y),
  Greater: compare((x, y) => x > y),
  GreaterOrEqual: compare((x, y) => x >= y),
  And: compare((x, y) => x !== 0 && y !== 0),
  Or: compare((x, y) => x !== 0 || y !== 0),
  Xor: compare((x, y) => (x !== 0) !== (y !== 0)),
};

const COMPARISONS = new Set(["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor", "Not"]);

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Sign: Math.sign,
  Not: (x) => Number(x === 0),
};

const REDUCTIONS: Readonly<Record<string, (items: readonly Dim[]) => Dim | undefined>> = {
  ReduceProd: (items) => items.reduce(mulDims, 1),
  ReduceSum: (items) => items.reduce(addDims, 0),
  ReduceMax: (items) => extremum(items, Math.max),
  ReduceMin: (items) => extremum(items, Math.min),
};

function extremum(items: readonly Dim[], of: (...values: number[]) => number): Dim | undefined {
  return items.length > 0 && items.every((item) => typeof item === "number") ? items.reduce((a, b) => of(a, b)) : undefined;
}

/** The outputs of a node whose inputs are known already; undefined where they cannot be known. */
export function fold(call: Call): readonly Value[] | undefined {
  const { opType, domain } = call.node;
  if (domain !== "") return undefined;
  if (call.inputs.some((input) => input?.list !== undefined)) return undefined;
  if (opType === "Shape") return [shapeOf(call)];
  if (opType === "Size") return [Value.items([call.value(0).shape.reduce<Dim>(mulDims, 1)], "int64", [])];
  if (call.inputs.some((input) => input !== undefined && input.items === undefined)) return undefined;
  if (opType === "Identity") return [call.value(0)];
  if (!call.run.mayFold(call.inputs.reduce((sum, input) => sum + (input?.items?.length ?? 0), 1))) return undefined;
  const parts = call.inputs.map((input): Elements | undefined => input && { items: input.items!, shape: input.shape as readonly number[] });
  const dtype = call.inputs[0]?.dtype ?? "float32";
  const structural = STRUCTURAL[opType];
  if (structural !== undefined) {
    const results = structural(call, parts);
    // A place outside, such as a fraction of an index, has no element.
    if (results?.some(({ items, shape }) => items.length !== sizeOfNumbers(shape) || items.includes(undefined as never)) === true) {
      throw call.broken("places within the input", "others");
    }
    return results?.map(({ items, shape, dtype: own }) => Value.items(items, own ?? dtype, shape));
  }
  const result = elementwise(call, parts as Elements[], dtype);
  if (result === undefined) return undefined;
  return [Value.items(result.items, COMPARISONS.has(opType) ? "bool" : result.dtype ?? dtype, result.shape)];
}

function elementwise(call: Call, parts: readonly Elements[], dtype: DType): (Elements & { readonly dtype?: DType }) | undefined {
  const { opType } = call.node;
  const round = dtype === "float32" ? roundFloat : same;
  const first = parts[0];
  if (first === undefined) return undefined;
  const unary = UNARY[opType];
  if (unary !== undefined) {
    const negated = opType === "Neg" ? first.items.map((item) => mulDims(item, -1)) : undefined;
    return kept(negated ?? first.items.map((item) => (typeof item === "number" ? round(unary(item)) : undefined)), first.shape);
  }
  if (opType === "Cast") return castElements(first, dtypeOfElementType(call.int("to", 0)));
  if (opType === "CastLike") return castElements(first, call.value(1).dtype);
  if (opType === "Where") return select(call, parts);
  const reduce = REDUCTIONS[opType];
  if (reduce !== undefined) return reduced(call, first, reduce);
  const scalar = opType === "Mod" && !call.flag("fmod") ? mod : BINARY[opType];
  if (scalar === undefined || parts.includes(undefined as never)) return undefined;
  const whole = !isFloat(dtype);
  return parts.slice(1).reduce<Elements | undefined>((x, y) => {
    if (x === undefined) return undefined;
    const shape = broadcastShapes(x.shape, y.shape, call.where) as readonly number[];
    if (sizeOfNumbers(shape) > FOLDED_ELEMENTS) return undefined;
    const [left, right] = [stretch(x, shape).items, stretch(y, shape).items];
    return kept(left.map((item, i) => round(scalar(item, right[i]!, whole))), shape);
  }, first);
}

function shapeOf(call: Call): Value {
  const { shape } = call.value(0);
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + shape.length : at, 0), shape.length);
  const dims = shape.slice(clamp(call.int("start", 0)), clamp(call.int("end", shape.length)));
  return Value.items(dims, "int64", [dims.length]);
}

function castElements(x: Elements, to: DType | undefined): (Elements & { readonly dtype: DType }) | undefined {
  if (to === undefined) return undefined;
  const items = x.items.map((item) => {
    if (to === "bool") return typeof item === "number" ? Number(item !== 0) : undefined;
    if (typeof item === "string") return to === "int64" || to === "int32" ? item : undefined;
    return isFloat(to) ? (to === "float32" ? Math.fround(item) : item) : Math.trunc(item);
  });
  const result = kept(items, x.shape);
  return result && { ...result, dtype: to };
}

function select(call: Call, parts: readonly Elements[]): (Elements & { readonly dtype: DType }) | undefined {
  const shapes = parts.map(({ shape }) => shape);
  const shape = shapes.reduce((a, b) => broadcastShapes(a, b, call.where) as readonly number[]);
  if (sizeOfNumbers(shape) > FOLDED_ELEMENTS) return undefined;
  const [condition, x, y] = parts.map((part) => stretch(part, shape)) as [Elements, Elements, Elements];
  const items = condition.items.map((c, i) => (typeof c === "string" ? undefined : c !== 0 ? x.items[i] : y.items[i]));
  const result = kept(items, shape);
  return result && { ...result, dtype: call.value(1).dtype };
}

function reduced(call: Call, x: Elements, reduce: (items: readonly Dim[]) => Dim | undefined): Elements | undefined {
  const rank = x.shape.length;
  const given = call.listed("axes", 1) ?? [];
  if (given.length === 0 && call.flag("noop_with_empty_axes")) return x;
  const axes = given.length === 0 ? x.shape.map((_, i) => i) : given.map((axis) => normalizeAxis(axis, rank, call.where));
  const keep = call.int("keepdims", 1) !== 0;
  const outer = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const inner = x.shape.map((dim, i) => (axes.includes(i) ? dim : 1));
  const items: (Dim | undefined)[] = [];
  for (const place of places(outer)) {
    const at = [...place];
    items.push(reduce(pick(x, inner, (inside) => at.map((p, i) => p + inside[i]!)).items));
  }
  return kept(items, keep ? outer : x.shape.filter((_, i) => !axes.includes(i)));
}

/** The elements if all are known. */
function kept(items: readonly (Dim | undefined)[], shape: readonly number[]): Elements | undefined {
  return items.includes(undefined) ? undefined : { items: items as readonly Dim[], shape };
}

function roundFloat(item: Dim | undefined): Dim | undefined {
  return typeof item === "number" ? Math.fround(item) : item;
}

function same(item: Dim | undefined): Dim | undefined {
  return item;
}
