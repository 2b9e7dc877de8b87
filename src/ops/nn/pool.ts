import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { lowerBy } from "../../graph/lowerBy.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { arrayOf, isFloat } from "../../tensor/dtype.js";
import { concreteShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add, mul } from "../elementwise/binary.js";
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

type PoolGrad = OpOf<(x: Tensor, y: Tensor, g: Tensor, attrs: PoolAttrs) => Tensor>;

function pooling(name: string, type: string, gradOp: PoolGrad): OpOf<(x: TensorLike, options: PoolOptions) => Tensor> {
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
    grad: ({ inputs: [x], outputs: [y], attrs }, [g]) => [gradOp(x, y, g!, attrs)],
    lower: (b, [x], { attrs: { poolSize, strides, padding } }) => {
      const pads = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
      return b.node(type, [x], { kernel_shape: poolSize, strides, pads });
    },
  });
}

/** The gradient of a pooling: linear in g, so that its own gradient is `adjoint`, and nothing in x and y. */
function poolingGrad(name: string, formula: PoolGradFormula, adjoint: PoolGradFormula): PoolGrad {
  return defineOp({
    name,
    call: (apply: Apply<PoolAttrs>) => (x: Tensor, y: Tensor, g: Tensor, attrs: PoolAttrs) => apply([x, y, g], attrs)[0],
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    grad: ({ inputs: [x, y], attrs }, [h]) => [null, null, adjoint(x, y, h!, attrs)],
    lower: (b, operands, { inputs, attrs }) => lowerBy(b, operands, inputs, (x, y, g) => formula(x!, y!, g!, attrs)),
  });
}

/** Works on [B,C,...S] and, for layouts with axes after the spatial ones, on [B,C,...S,...]. */
type PoolGradFormula = (x: Tensor, y: Tensor, g: Tensor, attrs: PoolAttrs) => Tensor;

function withoutDilation(attrs: PoolAttrs): PoolAttrs & { dilations: readonly number[] } {
  return { ...attrs, dilations: attrs.poolSize.map(() => 1) };
}

function windowsOf(x: Tensor, attrs: PoolAttrs): Windows {
  const sizes = concreteShape(x.shape.slice(2, 2 + attrs.poolSize.length), "pool");
  return {
    poolSize: attrs.poolSize,
    strides: attrs.strides,
    counts: windowCounts("pool", sizes, attrs.poolSize, withoutDilation(attrs)),
    sizes: sizes.map((size, i) => size + attrs.padding[i]![0] + attrs.padding[i]![1]),
  };
}

/** For each place in a window, 1 where the window's first largest element lies there, else 0. */
function firstHits(x: Tensor, y: Tensor, windows: Windows, padding: readonly Padding[]): Tensor[] {
  let taken: Tensor | undefined;
  return windowSlabs(padSpatial(x, padding, -Infinity), windows).map((slab, i, { length }) => {
    // What no other place has is at the last.
    if (i === length - 1 && taken !== undefined) return cast(logicalNot(taken), x.dtype);
    const hit = equal(slab, y);
    const first = taken === undefined ? hit : logicalAnd(hit, logicalNot(taken));
    taken = taken === undefined ? hit : logicalOr(taken, hit);
    return cast(first, x.dtype);
  });
}

/** The cotangent of each window at its first largest element. */
export const maxPoolGradFormula: PoolGradFormula = (x, y, g, attrs) => {
  const windows = windowsOf(x, attrs);
  const shares = firstHits(x, y, windows, attrs.padding).map((hit) => mul(g, hit));
  return cropSpatial(sumSlabs(shares, windows), attrs.padding);
};

/** @shape [B,C,...S], [B,C,...S'], [B,C,...S'] → [B,C,...S] */
export const maxPoolGrad = poolingGrad("maxPoolGrad", maxPoolGradFormula, (x, y, h, attrs) => {
  const windows = windowsOf(x, attrs);
  const slabs = windowSlabs(padSpatial(h, attrs.padding, 0), windows);
  return firstHits(x, y, windows, attrs.padding)
    .map((hit, i) => mul(slabs[i]!, hit))
    .reduce((a, b) => add(a, b));
});

/**
 * The largest element of each window; padding never wins. The gradient goes to the first of
 * several, in row-major order.
 *
 * @shape [B,C,...S] → [B,C,...⌊(before + S + after − poolSize) / stride⌋ + 1]
 * @source ONNX MaxPool
 * @example
 * console.log(await ops.maxPool([[[1, 3, 5, 7]]], { poolSize: 2 }).toArray()); // [[[3, 7]]]
 */
export const maxPool = pooling("maxPool", "MaxPool", maxPoolGrad);

/** The cotangent of each window in equal shares. */
export const averagePoolGradFormula: PoolGradFormula = (x, _y, g, attrs) => {
  const windows = windowsOf(x, attrs);
  let spread = g;
  windows.poolSize.forEach((taps, i) => {
    const shares = mul(spread, reciprocalCounts(g, windows, attrs.padding[i]!, i));
    spread = placeAlong(Array.from({ length: taps }, () => shares), i + 2, windows.strides[i]!, windows.sizes[i]!);
  });
  return cropSpatial(spread, attrs.padding);
};

/** @shape [B,C,...S], [B,C,...S'], [B,C,...S'] → [B,C,...S] */
export const averagePoolGrad = poolingGrad("averagePoolGrad", averagePoolGradFormula, (_x, _y, h, attrs) => averagePool(h, attrs));

/**
 * The mean of each window; padding does not count.
 *
 * @shape [B,C,...S] → [B,C,...⌊(before + S + after − poolSize) / stride⌋ + 1]
 * @source ONNX AveragePool
 * @example
 * console.log(await ops.averagePool([[[1, 3, 5, 7]]], { poolSize: 2 }).toArray()); // [[[2, 6]]]
 */
export const averagePool: OpOf<(x: TensorLike, options: PoolOptions) => Tensor> = pooling("averagePool", "AveragePool", averagePoolGrad);

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
