import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { addDims, concreteDim, type Dim } from "../../tensor/dim.js";
import { normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sameDType } from "../elementwise/binaryOp.js";
import { zerosLike } from "./fill.js";
import { expandDims, squeeze } from "./reshape.js";

/**
 * Tensors joined along an axis; their other axes must be equal.
 *
 * @shape [A,N], [A,M] → [A,N+M] for axis 1
 * @source ONNX Concat
 * @example
 * console.log(await ops.concat([[1, 2], [3]], 0).toArray()); // [1, 2, 3]
 */
export const concat: OpOf<(tensors: readonly TensorLike[], axis?: number) => Tensor> = defineOp({
  name: "concat",
  call: (apply: Apply<{ axis: number }>) => (tensors, axis = 0) => {
    const values = tensors.map((x) => toTensor(x));
    if (values.length === 0) throw shapeError("concat", "at least one tensor", []);
    const at = normalizeAxis(axis, values[0]!.rank, "concat");
    return values.length === 1 ? values[0]! : apply(values, { axis: at })[0];
  },
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const other of inputs) {
      sameDType("concat", first, other);
      const fits = other.rank === first.rank && other.shape.every((dim, i) => i === axis || dim === first.shape[i]);
      if (!fits) throw shapeError("concat", `shapes equal but for axis ${axis}`, inputs.map((x) => x.shape));
    }
    const total = inputs.reduce<Dim>((n, x) => addDims(n, x.shape[axis]!), 0);
    return { shape: first.shape.map((dim, i) => (i === axis ? total : dim)), dtype: first.dtype };
  },
  grad: ({ inputs, attrs: { axis } }, [g]) =>
    split(g!, inputs.map((x) => concreteDim(x.shape[axis]!, "gradient of concat")), axis),
  lower: (b, inputs, { attrs: { axis } }) => b.node("Concat", inputs, { axis }),
});

const MAX_PARTS = 1e6;

/**
 * x cut along an axis, into equal parts (a number) or parts of the given sizes.
 *
 * @shape [A,N+M] → [A,N], [A,M] for sizes [N,M] on axis 1
 * @source ONNX Split
 * @example
 * console.log(await ops.split([1, 2, 3, 4], 2)[1]!.toArray()); // [3, 4]
 */
export const split: OpOf<(x: TensorLike, parts: number | readonly number[], axis?: number) => readonly Tensor[]> = defineOp({
  name: "split",
  call: (apply: Apply<{ sizes: readonly number[]; axis: number }>) => (x, parts, axis = 0) => {
    const value = toTensor(x);
    const at = normalizeAxis(axis, value.rank, "split");
    const dim = concreteDim(value.shape[at]!, "split");
    // Each is a tensor of its own; a file may ask for more than memory holds.
    if (typeof parts === "number" && parts > MAX_PARTS) throw shapeError("split", `at most ${MAX_PARTS} parts, not ${parts}`, [value.shape]);
    const sizes = typeof parts === "number" ? Array.from({ length: parts }, () => dim / parts) : parts;
    if (sizes.reduce((a, b) => a + b, 0) !== dim || sizes.some((n) => !Number.isInteger(n) || n < 0)) {
      throw shapeError("split", `axis ${at} to be the sum of the whole parts [${sizes.join(", ")}]`, [value.shape]);
    }
    return sizes.length === 1 ? [value] : apply([value], { sizes, axis: at });
  },
  infer: ([x], { sizes, axis }) =>
    sizes.map((size) => ({ shape: x.shape.map((dim, i) => (i === axis ? size : dim)), dtype: x.dtype })),
  grad: ({ outputs, attrs: { axis } }, cotangents) => [
    concat(outputs.map((y, i) => cotangents[i] ?? zerosLike(y)), axis),
  ],
  lower: (b, [x], { attrs: { sizes, axis } }) => b.nodes("Split", [x, b.int64s(sizes)], sizes.length, { axis }),
});

/**
 * Tensors of one shape, joined along a new axis. @shape [A], [A] → [2,A] for axis 0
 * @example
 * console.log(await ops.stack([[1, 2], [3, 4]]).toArray()); // [[1, 2], [3, 4]]
 */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  return concat(tensors.map((x) => expandDims(x, axis)), axis);
}

/**
 * x cut into tensors along an axis, which they lose. @shape [2,A] → [A], [A] for axis 0
 * @example
 * console.log(await ops.unstack([[1, 2], [3, 4]])[1]!.toArray()); // [3, 4]
 */
export function unstack(x: TensorLike, axis = 0): Tensor[] {
  const value = toTensor(x);
  const at = normalizeAxis(axis, value.rank, "unstack");
  const count = concreteDim(value.shape[at]!, "unstack");
  return split(value, count, at).map((part) => squeeze(part, at));
}
