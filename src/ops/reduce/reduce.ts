import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import type { Shape } from "../../tensor/shape.js";
import { normalizeAxes, symbolicSize } from "../../tensor/shape.js";
import { concreteDim } from "../../tensor/dim.js";
import type { Tensor } from "../../tensor/tensor.js";
import { broadcastTo } from "../shape/broadcastTo.js";
import { reshape } from "../shape/reshape.js";
import { cast } from "../elementwise/cast.js";
import { equal } from "../elementwise/compare.js";
import { div, mul } from "../elementwise/binary.js";
import { transpose } from "../shape/transpose.js";
import { cumProd } from "./cumulative.js";

/** Which axes a reduction removes. */
export interface ReduceOptions {
  /** One axis or several, negative ones from the back. Default: all. */
  readonly axes?: number | readonly number[];
  /** Whether reduced axes stay, with size 1. Default false. */
  readonly keepDims?: boolean;
}

type ReduceAttrs = { readonly axes: readonly number[]; readonly keepDims: boolean };

/** The shape after reducing `axes`. */
function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims
    ? shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    : shape.filter((_, i) => !axes.includes(i));
}

/** A reduced tensor stretched back over the shape that it was reduced from. */
function restore(reduced: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return broadcastTo(reshape(reduced, reducedShape(shape, axes, true)), shape);
}

function reduction(
  name: string,
  type: string,
  grad: (g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]) => Tensor,
): OpOf<(x: TensorLike, options?: ReduceOptions) => Tensor> {
  return defineOp({
    name,
    call: (apply: Apply<ReduceAttrs>) => (x: TensorLike, options: ReduceOptions = {}) => {
      const value = toTensor(x);
      const axes = normalizeAxes(options.axes, value.rank, name);
      return axes.length === 0 ? value : apply([value], { axes, keepDims: options.keepDims ?? false })[0];
    },
    infer: ([x], { axes, keepDims }) => ({
      shape: reducedShape(x.shape, axes, keepDims),
      dtype: x.dtype,
    }),
    grad: ({ inputs: [x], outputs: [y], attrs: { axes } }, [g]) => [grad(g!, x, y, axes)],
    lower: (b, [x], { attrs: { axes, keepDims } }) =>
      b.node(type, [x, b.int64s(axes)], { keepdims: keepDims ? 1 : 0 }),
  });
}

/** The gradient of an extremum goes to where it was reached, in equal parts where several tie. */
function extremumGrad(g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const hit = cast(equal(x, restore(y, x.shape, axes)), g.dtype);
  const ties = sum(hit, { axes, keepDims: true });
  return mul(div(hit, ties), restore(g, x.shape, axes));
}

/**
 * Σ x over axes. @shape [...] → [...] without the axes @source ONNX ReduceSum
 * @example
 * console.log(await ops.sum([[1, 2], [3, 4]], { axes: 1 }).toArray()); // [3, 7]
 */
export const sum = reduction("sum", "ReduceSum", (g, x, _y, axes) => restore(g, x.shape, axes));

/**
 * The mean over axes. @shape [...] → [...] without the axes @source ONNX ReduceMean
 * @example
 * console.log(await ops.mean([[1, 2], [3, 4]], { axes: 1 }).toArray()); // [1.5, 3.5]
 */
export const mean = reduction("mean", "ReduceMean", (g, x, _y, axes) => {
  const count = axes.reduce((n, axis) => n * concreteDim(x.shape[axis]!, "gradient of mean"), 1);
  return restore(mul(g, 1 / count), x.shape, axes);
});

/**
 * The largest element over axes. @shape [...] → [...] without the axes @source ONNX ReduceMax
 * @example
 * console.log(await ops.max([[1, 2], [3, 4]], { axes: 1 }).toArray()); // [2, 4]
 */
export const max = reduction("max", "ReduceMax", extremumGrad);

/**
 * The smallest element over axes. @shape [...] → [...] without the axes @source ONNX ReduceMin
 * @example
 * console.log(await ops.min([[1, 2], [3, 4]], { axes: 1 }).toArray()); // [1, 3]
 */
export const min = reduction("min", "ReduceMin", extremumGrad);

/** For each element, the product of all others over the axes: without division, so that zeros do no harm. */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const order = [...axes, ...x.shape.map((_, i) => i).filter((i) => !axes.includes(i))];
  const front = transpose(x, order);
  const rows = symbolicSize(front.shape.slice(0, axes.length));
  const flat = reshape(front, [rows, ...front.shape.slice(axes.length)]); // [N,...]
  const before = cumProd(flat, { axis: 0, exclusive: true });
  const after = cumProd(flat, { axis: 0, exclusive: true, reverse: true });
  return transpose(reshape(mul(before, after), front.shape), order.map((_, axis) => order.indexOf(axis)));
}

/**
 * Π x over axes. @shape [...] → [...] without the axes @source ONNX ReduceProd
 * @example
 * console.log(await ops.prod([[1, 2], [3, 4]], { axes: 1 }).toArray()); // [2, 12]
 */
export const prod = reduction("prod", "ReduceProd", (g, x, _y, axes) => mul(restore(g, x.shape, axes), productOfOthers(x, axes)));
