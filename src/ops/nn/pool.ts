import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { arrayOf, isFloat } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mul } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { equal, logicalAnd, logicalNot, logicalOr } from "../elementwise/compare.js";
import { constant } from "../elementwise/literal.js";
import { type Padding, paddingPerAxis, perAxis, spatialOf, windowCounts } from "./convGeometry.js";
import { type Windows, cropSpatial, padSpatial, placeAlong, sumSlabs, windowSlabs } from "./poolWindows.js";

/** How a window moves over the spatial axes; a plain number counts for each of them. */
export interface PoolOptions {
  /** Elements that a window has on each axis, at least 1. */
  readonly poolSize: number | readonly number[];
  /** Elements from one window to the next, at least 1. Default: `poolSize`. */
  readonly strides?: number | readonly number[];
  /** Padding around each spatial axis, shorter than the window. Default none. */
  readonly padding?: readonly Padding[];
}

type PoolAttrs = {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly Padding[];
};

function pooling(
  name: string,
  type: string,
  grad: (g: Tensor, x: Tensor, y: Tensor, windows: Windows, padding: readonly Padding[]) => Tensor,
): OpOf<(x: TensorLike, options: PoolOptions) => Tensor> {
  return defineOp({
    name,
    call: (apply: Apply<PoolAttrs>) => (x: TensorLike, options: PoolOptions) => {
      const value = toTensor(x);
      const rank = value.rank - 2;
      const poolSize = perAxis(name, "poolSize", options.poolSize, rank);
      const strides = perAxis(name, "strides", options.strides ?? poolSize, rank);
      return apply([value], { poolSize, strides, padding: paddingPerAxis(name, options.padding, rank) })[0];
    },
    infer: ([x], attrs) => {
      const sizes = spatialOf(x, name);
      if (!isFloat(x.dtype)) throw shapeError(name, `a float tensor, not ${x.dtype}`, [x.shape], 'cast it: x.cast("float32")');
      if (attrs.padding.some((pair, i) => Math.max(...pair) >= attrs.poolSize[i]!)) {
        throw shapeError(name, `padding shorter than the window [${attrs.poolSize.join(", ")}]`, attrs.padding);
      }
      return { shape: [...x.shape.slice(0, 2), ...windowCounts(name, sizes, attrs.poolSize, withoutDilation(attrs))], dtype: x.dtype };
    },
    grad: ({ inputs: [x], outputs: [y], attrs }, [g]) => [grad(g!, x, y, windowsOf(name, x, attrs), attrs.padding)],
    lower: (b, [x], { attrs: { poolSize, strides, padding } }) => {
      const pads = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
      return b.node(type, [x], { kernel_shape: poolSize, strides, pads });
    },
  });
}

function withoutDilation(attrs: PoolAttrs): PoolAttrs & { dilations: readonly number[] } {
  return { ...attrs, dilations: attrs.poolSize.map(() => 1) };
}

function windowsOf(op: string, x: Tensor, attrs: PoolAttrs): Windows {
  const sizes = spatialOf(x, op);
  return {
    poolSize: attrs.poolSize,
    strides: attrs.strides,
    counts: windowCounts(op, sizes, attrs.poolSize, withoutDilation(attrs)),
    sizes: sizes.map((size, i) => size + attrs.padding[i]![0] + attrs.padding[i]![1]),
  };
}

/**
 * The largest element of each window; padding never wins. The gradient goes to the first of
 * several, in row-major order.
 *
 * @shape [B,C,...S] → [B,C,...⌊(before + S + after − poolSize) / stride⌋ + 1]
 * @source ONNX MaxPool
 */
export const maxPool = pooling("maxPool", "MaxPool", (g, x, y, windows, padding) => {
  const slabs = windowSlabs(padSpatial(x, padding, -Infinity), windows);
  let taken: Tensor | undefined;
  const shares = slabs.map((slab) => {
    const hit = equal(slab, y);
    const first = taken === undefined ? hit : logicalAnd(hit, logicalNot(taken));
    taken = taken === undefined ? hit : logicalOr(taken, hit);
    return mul(g, cast(first, g.dtype));
  });
  return cropSpatial(sumSlabs(shares, windows), padding);
});

/**
 * The mean of each window; padding does not count.
 *
 * @shape [B,C,...S] → [B,C,...⌊(before + S + after − poolSize) / stride⌋ + 1]
 * @source ONNX AveragePool
 */
export const averagePool = pooling("averagePool", "AveragePool", (g, _x, _y, windows, padding) => {
  let spread = g;
  windows.poolSize.forEach((taps, i) => {
    const shares = mul(spread, reciprocalCounts(g, windows, padding[i]!, i));
    spread = placeAlong(Array.from({ length: taps }, () => shares), i + 2, windows.strides[i]!, windows.sizes[i]!);
  });
  return cropSpatial(spread, padding);
});

/** 1 / (elements of the input in each window) along one axis: the mean is a product over axes. */
function reciprocalCounts(g: Tensor, windows: Windows, [before, after]: Padding, i: number): Tensor {
  const end = windows.sizes[i]! - after;
  const values = Array.from({ length: windows.counts[i]! }, (_, at) => {
    const start = at * windows.strides[i]!;
    return 1 / (Math.min(start + windows.poolSize[i]!, end) - Math.max(start, before));
  });
  const shape = g.shape.map((_, axis) => (axis === i + 2 ? values.length : 1));
  return constant(arrayOf(g.dtype, values), shape, g.dtype);
}
