import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { putAlong } from "./takeAlong.js";

/** Which elements {@link topK} picks. */
export interface TopKOptions {
  /** Negative ones count from the back. Default −1. */
  readonly axis?: number;
  /** false for the smallest, in rising order. Default true. */
  readonly largest?: boolean;
}

type TopKAttrs = { readonly k: number; readonly axis: number; readonly largest: boolean };

/**
 * The k largest elements along an axis, in falling order, and their int32 indices; of equal
 * elements the first comes first.
 *
 * @throws SHAPE_MISMATCH when the axis has fewer than k elements
 * @shape [A,N] → [A,k], [A,k]
 * @source ONNX TopK
 * @example
 * console.log(await ops.topK([3, 9, 7], 2)[0].toArray()); // [9, 7]
 */
export const topK: OpOf<(x: TensorLike, k: number, options?: TopKOptions) => readonly [values: Tensor, indices: Tensor]> = defineOp({
  name: "topK",
  call: (apply: Apply<TopKAttrs>) => (x, k, { axis = -1, largest = true } = {}) => {
    const value = toTensor(x);
    const [values, indices] = apply([value], { k, axis: normalizeAxis(axis, value.rank, "topK"), largest });
    return [values, indices] as const;
  },
  infer: ([x], { k, axis }) => {
    const size = x.shape[axis]!;
    if (!Number.isInteger(k) || k < 0 || (typeof size === "number" && k > size)) {
      throw shapeError("topK", `k from 0 to the ${size} elements of axis ${axis}, not ${k}`, [x.shape]);
    }
    const shape = x.shape.map((dim, i) => (i === axis ? k : dim));
    return [{ shape, dtype: x.dtype }, { shape, dtype: "int32" }];
  },
  grad: ({ inputs: [x], outputs: [, indices], attrs: { axis } }, [g]) => [
    g === null ? null : putAlong(g, indices, concreteDim(x.shape[axis]!, "gradient of topK"), axis),
  ],
  lower: (b, [x], { attrs: { k, axis, largest } }) => {
    const [values, indices] = b.nodes("TopK", [x, b.int64s([k])], 2, { axis, largest: Number(largest), sorted: 1 });
    return [values!, b.cast(indices!, "int32")];
  },
});

/** In which order {@link sort} and {@link argSort} put elements. */
export interface SortOptions {
  /** Negative ones count from the back. Default −1. */
  readonly axis?: number;
  /** Default false. */
  readonly descending?: boolean;
}

function sorted(op: string, x: TensorLike, { axis = -1, descending = false }: SortOptions): readonly [Tensor, Tensor] {
  const value = toTensor(x);
  const at = normalizeAxis(axis, value.rank, op);
  return topK(value, concreteDim(value.shape[at]!, op), { axis: at, largest: descending });
}

/**
 * The elements in rising order along an axis. @shape [...] → [...]
 * @example
 * console.log(await ops.sort([3, 1, 2]).toArray()); // [1, 2, 3]
 */
export function sort(x: TensorLike, options: SortOptions = {}): Tensor {
  return sorted("sort", x, options)[0];
}

/**
 * The int32 indices that put an axis in rising order; equal elements keep theirs. @shape [...] → [...]
 * @example
 * console.log(await ops.argSort([3, 1, 2]).toArray()); // [1, 2, 0]
 */
export function argSort(x: TensorLike, options: SortOptions = {}): Tensor {
  return sorted("argSort", x, options)[1];
}
