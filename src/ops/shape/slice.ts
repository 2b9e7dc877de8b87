import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { addDims, concreteDim, mulDims, type Dim } from "../../tensor/dim.js";
import { type Shape, normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { pad } from "./pad.js";
import { reshape } from "./reshape.js";

type SliceAttrs = {
  readonly starts: readonly number[];
  /** How many elements each axis keeps. */
  readonly sizes: Shape;
  readonly steps: readonly number[];
};

/** Larger than any axis: where ONNX clamps an end to the axis's own. */
const TO_THE_END = 2 ** 31 - 1;

/**
 * The elements from `starts` up to, not including, `ends` on each axis, every `steps`-th.
 * Negative positions count from the back; positions outside are moved to the edge. A negative
 * step walks backwards from `start` down to, not including, `end`.
 *
 * @shape [N] → [⌈(end − start) / step⌉]
 * @source ONNX Slice
 * @example
 * console.log(await ops.slice([1, 2, 3, 4], [1], [3]).toArray()); // [2, 3]
 */
export const slice: OpOf<(x: TensorLike, starts: readonly number[], ends: readonly Dim[], steps?: readonly number[]) => Tensor> = defineOp({
  name: "slice",
  call: (apply: Apply<SliceAttrs>) => (x, starts, ends, steps) => {
    const value = toTensor(x);
    const stride = steps ?? starts.map(() => 1);
    if (starts.length !== value.rank || ends.length !== value.rank || stride.length !== value.rank || stride.includes(0)) {
      throw shapeError("slice", `${value.rank} starts, ends and steps other than 0`, [value.shape]);
    }
    const begin: number[] = [];
    const sizes: Dim[] = value.shape.map((dim, i) => {
      if (ends[i] === dim && starts[i] === 0 && stride[i] === 1) {
        begin.push(0);
        return dim;
      }
      if (typeof dim === "string" || typeof ends[i] === "string") {
        // Of a free axis only a part with a known start and a step of 1 has a known size.
        begin.push(starts[i]!);
        return addDims(ends[i]!, -starts[i]!);
      }
      const [start, size] = resolveRange(dim, starts[i]!, ends[i] as number, stride[i]!);
      begin.push(start);
      return size;
    });
    const whole = sizes.every((size, i) => size === value.shape[i] && stride[i] === 1);
    return whole ? value : apply([value], { starts: begin, sizes, steps: stride })[0];
  },
  infer: ([x], { sizes }) => ({ shape: sizes, dtype: x.dtype }),
  grad: ({ inputs: [x], attrs: { starts, steps } }, [g]) => [scatterSlice(g!, x.shape, starts, steps)],
  lower: (b, [x], { attrs: { starts, sizes, steps } }) => {
    const axes = sizes.map((_, i) => i);
    const ends = sizes.map((size, i) => {
      const end = addDims(starts[i]!, typeof size === "number" ? size * steps[i]! : size);
      // Walking backwards past element 0 must not be read as "from the back".
      return typeof end === "number" && end < 0 ? -TO_THE_END : end;
    });
    return b.node("Slice", [x, b.int64s(starts), b.shape(ends), b.int64s(axes), b.int64s(steps)]);
  },
});

/**
 * The elements of one axis from `start` up to, not including, `end`. @shape [A,N] → [A,end − start] for axis 1
 * @example
 * console.log(await ops.sliceAlong([[1, 2, 3]], 1, 1, 3).toArray()); // [[2, 3]]
 */
export function sliceAlong(x: TensorLike, axis: number, start: number, end: Dim): Tensor {
  const value = toTensor(x);
  const at = normalizeAxis(axis, value.rank, "sliceAlong");
  return slice(value, value.shape.map((_, i) => (i === at ? start : 0)), value.shape.map((dim, i) => (i === at ? end : dim)));
}

/** Start and number of elements of a range over an axis of `dim` elements. */
function resolveRange(dim: number, start: number, end: number, step: number): [start: number, size: number] {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? dim : dim - 1;
  const place = (at: number): number => Math.min(Math.max(at < 0 ? at + dim : at, low), high);
  const from = place(start);
  return [from, Math.max(0, Math.ceil((place(end) - from) / step))];
}

/** Zeros of `shape` with x at the places that a slice reads: the adjoint of slicing. */
function scatterSlice(x: Tensor, shape: Shape, starts: readonly number[], steps: readonly number[]): Tensor {
  const backwards = steps.map((step) => step < 0);
  let spread = backwards.includes(true) ? flip(x, backwards.flatMap((b, i) => (b ? [i] : []))) : x;
  for (let axis = 0; axis < shape.length; axis++) {
    if (Math.abs(steps[axis]!) > 1) spread = dilate(spread, axis, Math.abs(steps[axis]!));
  }
  return pad(
    spread,
    shape.map((dim, i) => {
      const size = spread.shape[i]!;
      const start = backwards[i] ? starts[i]! - (concreteDim(size, "gradient of slice") - 1) : starts[i]!;
      const after = addDims(dim, mulDims(addDims(size, start), -1));
      return [start, concreteDim(after, "gradient of slice")];
    }),
  );
}

/**
 * x with `step − 1` zeros between neighbours along an axis. @shape [N] → [(N − 1)·step + 1]
 * @example
 * console.log(await ops.dilate(tensor([1, 2]), 0, 2).toArray()); // [1, 0, 2]
 */
export function dilate(x: Tensor, axis: number, step: number): Tensor {
  const size = concreteDim(x.shape[axis]!, "dilate");
  if (step === 1 || size === 0) return x;
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const none = [0, 0] as const;
  const lifted = reshape(x, [...before, size, 1, ...after]);
  const padded = pad(lifted, [...before.map(() => none), none, [0, step - 1], ...after.map(() => none)]);
  const flat = reshape(padded, [...before, size * step, ...after]);
  const ends = flat.shape.map((dim, i) => (i === axis ? (size - 1) * step + 1 : dim));
  return slice(flat, ends.map(() => 0), ends);
}

/**
 * x with the order along the given axes reversed. @shape [...] → [...]
 * @example
 * console.log(await ops.flip([1, 2, 3], 0).toArray()); // [3, 2, 1]
 */
export function flip(x: TensorLike, axes: number | readonly number[]): Tensor {
  const value = toTensor(x);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(axis, value.rank, "flip"));
  const starts = value.shape.map((_, i) => (list.includes(i) ? -1 : 0));
  const ends = value.shape.map((dim, i) => (list.includes(i) ? -TO_THE_END : dim));
  return slice(value, starts, ends, value.shape.map((_, i) => (list.includes(i) ? -1 : 1)));
}
