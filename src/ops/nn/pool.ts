import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { lowerBy } from "../../graph/lowerBy.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { arrayOf, isFloat } from "../../tensor/dtype.js";
import { concreteShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mul, sub } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { equal } from "../elementwise/compare.js";
import { constant } from "../elementwise/literal.js";
import { where } from "../elementwise/where.js";
import { type Padding, paddingPerAxis, perAxis, spatialOf, windowCounts } from "./convGeometry.js";
import { type Walk, placeAlong, tapAlong } from "./poolWindows.js";

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

/** Works on [B,C,...S] and, for layouts with axes after the spatial ones, on [B,C,...S,...]; `pool` is the pooling of that layout. */
type PoolGradFormula = (x: Tensor, y: Tensor, g: Tensor, attrs: PoolAttrs, pool?: (x: Tensor, attrs: PoolAttrs) => Tensor) => Tensor;

function withoutDilation(attrs: PoolAttrs): PoolAttrs & { dilations: readonly number[] } {
  return { ...attrs, dilations: attrs.poolSize.map(() => 1) };
}

/** How the windows move along each spatial axis of x. */
function walksOf(x: Tensor, attrs: PoolAttrs): Walk[] {
  const sizes = concreteShape(x.shape.slice(2, 2 + attrs.poolSize.length), "pool");
  const counts = windowCounts("pool", sizes, attrs.poolSize, withoutDilation(attrs));
  return sizes.map((size, i) => ({ axis: i + 2, taps: attrs.poolSize[i]!, step: attrs.strides[i]!, count: counts[i]!, size, padding: attrs.padding[i]! }));
}

/** One axis of a pooling: windows of `from` whose largest elements are `to`. */
interface Level {
  readonly walk: Walk;
  readonly from: Tensor;
  readonly to: Tensor;
}

/**
 * The largest elements of windows axis by axis, the last axis first: the first row that has a window's largest element,
 * and there its first place, is the first place in row-major order. Axes along which windows are single elements are left out.
 */
function levelsOf(x: Tensor, y: Tensor, attrs: PoolAttrs, pool: (x: Tensor, attrs: PoolAttrs) => Tensor): Level[] {
  const walks = walksOf(x, attrs);
  const moving = walks.flatMap(({ taps, step, size, count }, i) => (taps === 1 && step === 1 && size === count ? [] : [i]));
  const values = moving.map((_, at) => {
    if (at === 0) return y;
    const later = new Set(moving.slice(at));
    return pool(x, {
      poolSize: attrs.poolSize.map((taps, i) => (later.has(i) ? taps : 1)),
      strides: attrs.strides.map((step, i) => (later.has(i) ? step : 1)),
      padding: attrs.padding.map((pair, i) => (later.has(i) ? pair : [0, 0])),
    });
  });
  return moving.map((i, at) => ({ walk: walks[i]!, from: values[at + 1] ?? x, to: values[at]! }));
}

/** Whether the elements at a place of each window are the largest. */
function hits({ walk, from, to }: Level, tap: number): Tensor {
  return equal(tapAlong(from, walk, tap, -Infinity), to);
}

/** The cotangent of each window at its first largest element. */
export const maxPoolGradFormula: PoolGradFormula = (x, y, g, attrs, pool = maxPool) =>
  levelsOf(x, y, attrs, pool).reduce((spread, level) => {
    const { walk } = level;
    // What no earlier place of its window took. The last place takes the rest.
    let rest = spread;
    const shares = Array.from({ length: walk.taps - 1 }, (_, tap) => {
      const share = mul(rest, cast(hits(level, tap), g.dtype));
      rest = sub(rest, share);
      return share;
    });
    return placeAlong([...shares, rest], walk);
  }, g);

/** @shape [B,C,...S], [B,C,...S'], [B,C,...S'] → [B,C,...S] */
export const maxPoolGrad = poolingGrad("maxPoolGrad", maxPoolGradFormula, (x, y, h, attrs) =>
  levelsOf(x, y, attrs, maxPool).reduceRight((read, level) => {
    const { walk } = level;
    let found = tapAlong(read, walk, walk.taps - 1, 0);
    for (let tap = walk.taps - 2; tap >= 0; tap--) found = where(hits(level, tap), tapAlong(read, walk, tap, 0), found);
    return found;
  }, h),
);

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
  return walksOf(x, attrs).reduce((spread, walk) => {
    const shares = mul(spread, reciprocalCounts(g, walk));
    return placeAlong(Array.from({ length: walk.taps }, () => shares), walk);
  }, g);
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
function reciprocalCounts(g: Tensor, { axis, taps, step, count, size, padding: [before] }: Walk): Tensor {
  const values = Array.from({ length: count }, (_, at) => {
    const start = at * step - before;
    return 1 / (Math.min(start + taps, size) - Math.max(start, 0));
  });
  const shape = g.shape.map((_, i) => (i === axis ? count : 1));
  return constant(arrayOf(g.dtype, values), shape, g.dtype);
}
