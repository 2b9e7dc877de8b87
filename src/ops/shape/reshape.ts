import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { divDims, type Dim } from "../../tensor/dim.js";
import { type Shape, formatShape, isConcrete, normalizeAxes, normalizeAxis, sameShape, symbolicSize } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Replaces a −1 by what the other dimensions leave over. */
function resolveShape(from: Shape, to: Shape): Shape {
  const free = to.indexOf(-1);
  const known = symbolicSize(to.filter((_, i) => i !== free));
  const size = symbolicSize(from);
  const rest: Dim | undefined = free < 0 ? (known === size ? 1 : undefined) : divDims(size, known);
  if (rest === undefined) {
    const hint = `${formatShape(from)} has ${size} elements, ${formatShape(to)} asks for ${free < 0 ? known : `a multiple of ${known}`}`;
    throw shapeError("reshape", `as many elements as ${formatShape(to)}`, [from], hint);
  }
  return to.map((dim) => (dim === -1 ? rest : dim));
}

/**
 * The same elements in another shape; one dimension may be −1.
 *
 * @shape [...] → shape
 * @source ONNX Reshape
 * @example
 * console.log(await ops.reshape([1, 2, 3, 4], [2, 2]).toArray()); // [[1, 2], [3, 4]]
 */
export const reshape: OpOf<(x: TensorLike, shape: Shape) => Tensor> = defineOp({
  name: "reshape",
  call: (apply: Apply<{ shape: Shape }>) => (x, shape) => {
    const value = toTensor(x);
    const target = resolveShape(value.shape, shape);
    return sameShape(value.shape, target) ? value : apply([value], { shape: target })[0];
  },
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  grad: ({ inputs: [x] }, [g]) => [reshape(g!, x.shape)],
  lower: (b, [x], { inputs: [from], attrs: { shape } }) => {
    if (isConcrete(from.shape) && isConcrete(shape)) return b.reshape(x, from.shape, shape);
    // One free dimension can be left to ONNX, unless a zero-size axis would make it ambiguous.
    const free = shape.filter((dim) => typeof dim === "string").length;
    if (free === 1 && !shape.includes(0)) {
      return b.node("Reshape", [x, b.int64s(shape.map((dim) => (typeof dim === "string" ? -1 : dim)))]);
    }
    return b.node("Reshape", [x, b.shape(shape)], { allowzero: 1 });
  },
});

/**
 * x with a new axis of size 1 at `axis`. @shape [...] → [..., 1, ...]
 * @example
 * console.log(await ops.expandDims([1, 2], 0).toArray()); // [[1, 2]]
 */
export function expandDims(x: TensorLike, axis: number): Tensor {
  const value = toTensor(x);
  const at = normalizeAxis(axis, value.rank + 1, "expandDims");
  return reshape(value, [...value.shape.slice(0, at), 1, ...value.shape.slice(at)]);
}

/**
 * x without the given axes of size 1; without all of them by default. @shape [..., 1, ...] → [...]
 * @example
 * console.log(await ops.squeeze([[1, 2]]).toArray()); // [1, 2]
 */
export function squeeze(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const value = toTensor(x);
  const gone = axes === undefined ? value.shape.flatMap((dim, i) => (dim === 1 ? [i] : [])) : normalizeAxes(axes, value.rank, "squeeze");
  const long = gone.find((axis) => value.shape[axis] !== 1);
  if (long !== undefined) throw shapeError("squeeze", `size 1 at axis ${long}`, [value.shape]);
  return reshape(value, value.shape.filter((_, i) => !gone.includes(i)));
}
