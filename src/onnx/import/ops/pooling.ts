import * as ops from "../../../ops/index.js";
import type { Padding } from "../../../ops/nn/conv.js";
import { arrayOf, isFloat } from "../../../tensor/dtype.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Call, Outputs, Rule } from "../call.js";
import { places, sizeOfNumbers } from "../elements.js";
import { spatialSizes, windowOf } from "./convolution.js";

interface PoolWindow {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** As the node says it. */
  readonly padding: readonly Padding[];
  /** With what ceil_mode adds behind. */
  readonly reaching: readonly Padding[];
  readonly counts: readonly number[];
}

function poolWindow(call: Call, x: Tensor): PoolWindow {
  const sizes = spatialSizes(call, x);
  const kernel = call.ints("kernel_shape") ?? [];
  const { strides, dilations, padding } = windowOf(call, sizes, kernel);
  const ceil = call.flag("ceil_mode");
  const counts: number[] = [];
  const reaching = padding.map(([before, after], i): Padding => {
    const extent = (kernel[i]! - 1) * dilations[i]! + 1;
    const room = before + sizes[i]! + after - extent;
    let count = (ceil ? Math.ceil(room / strides[i]!) : Math.floor(room / strides[i]!)) + 1;
    // A window must begin within the input or the padding before it.
    if (ceil && (count - 1) * strides[i]! >= sizes[i]! + before) count--;
    counts.push(count);
    return [before, after + Math.max(0, (count - 1) * strides[i]! - room)];
  });
  return { poolSize: kernel, strides, dilations, padding, reaching, counts };
}

/** Windows of more elements stay a node, without gradients. */
const MAX_TAPS = 4096;

function isTooLarge({ poolSize, reaching, counts }: PoolWindow): boolean {
  const negative = [...reaching.flat(), ...counts.map((count) => count - 1)].some((n) => n < 0);
  return negative || sizeOfNumbers(poolSize) > MAX_TAPS || sizeOfNumbers(counts) > MAX_TAPS * MAX_TAPS;
}

/** Whether the pooling ops have this window: dense, with padding shorter than itself. */
function isPlain({ poolSize, dilations, reaching }: PoolWindow): boolean {
  return dilations.every((step) => step === 1) && reaching.every((pair, i) => Math.max(...pair) < poolSize[i]!);
}

/** For each tap of the window, what all windows see there, of an input with `value` around it. */
function taps(x: Tensor, { poolSize, strides, dilations, reaching, counts }: PoolWindow, value: number): Tensor[] {
  const padded = ops.pad(x, [[0, 0], [0, 0], ...reaching], value);
  return Array.from(places(poolSize), (tap) => {
    const starts = tap.map((at, i) => at * dilations[i]!);
    const ends = starts.map((start, i) => start + (counts[i]! - 1) * strides[i]! + 1);
    return ops.slice(padded, [0, 0, ...starts], [...padded.shape.slice(0, 2), ...ends], [1, 1, ...strides]);
  });
}

function maxPool(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype) || (call.node.outputs[1] ?? "") !== "") return undefined;
  const window = poolWindow(call, x);
  if (isTooLarge(window)) return undefined;
  if (!isPlain(window)) return taps(x, window, -Infinity).reduce((a, b) => ops.maximum(a, b));
  return ops.maxPool(x, { poolSize: window.poolSize, strides: window.strides, padding: window.reaching });
}

function averagePool(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype)) return undefined;
  const window = poolWindow(call, x);
  if (isTooLarge(window)) return undefined;
  const countsPadding = call.flag("count_include_pad");
  if (isPlain(window)) {
    const { poolSize, strides, padding, reaching } = window;
    if (!countsPadding) return ops.averagePool(x, { poolSize, strides, padding: reaching });
    // What the node pads counts; what ceil_mode adds behind does not.
    const beyond = reaching.map(([, after], i): Padding => [0, after - padding[i]![1]]);
    return ops.averagePool(ops.pad(x, [[0, 0], [0, 0], ...padding]), { poolSize, strides, padding: beyond });
  }
  const sum = taps(x, window, 0).reduce((a, b) => ops.add(a, b));
  return ops.div(sum, countsOf(x, window, countsPadding));
}

/** How many elements each window sees. */
function countsOf(x: Tensor, { poolSize, strides, dilations, padding, counts }: PoolWindow, countsPadding: boolean): Tensor {
  const sizes = x.shape.slice(2) as readonly number[];
  const along = counts.map((count, i) => {
    const [before, after] = countsPadding ? padding[i]! : ([0, 0] as const);
    return Array.from({ length: count }, (_, at) => {
      const seen = Array.from({ length: poolSize[i]! }, (_, t) => at * strides[i]! + t * dilations[i]! - padding[i]![0]);
      return seen.filter((place) => place >= -before && place < sizes[i]! + after).length;
    });
  });
  const values = Array.from(places(counts), (place) => place.reduce((product, at, i) => product * along[i]![at]!, 1));
  return ops.constant(arrayOf(x.dtype, values), [1, 1, ...counts], x.dtype);
}

/** The p-norm of each window: the p-th root of what the average pool gives, times the number of elements. */
function lpPool(call: Call): Outputs {
  const x = call.tensor(0);
  if (!isFloat(x.dtype)) return undefined;
  const p = call.int("p", 2);
  const window = poolWindow(call, x);
  if (isTooLarge(window)) return undefined;
  const powered = p === 2 ? ops.mul(x, x) : ops.pow(ops.abs(x), p);
  const sum = taps(powered, window, 0).reduce((a, b) => ops.add(a, b));
  return p === 2 ? ops.sqrt(sum) : ops.pow(sum, 1 / p);
}

/** Over all spatial axes, which stay with size 1. */
const global =
  (reduce: (x: Tensor, options: { axes: readonly number[]; keepDims: true }, call: Call) => Tensor): Rule =>
  (call) => {
    const x = call.tensor(0);
    return isFloat(x.dtype) ? reduce(x, { axes: x.shape.map((_, i) => i).slice(2), keepDims: true }, call) : undefined;
  };

export const pooling: Readonly<Record<string, Rule>> = {
  AveragePool: averagePool,
  GlobalAveragePool: global(ops.mean),
  GlobalLpPool: global((x, options, call) => ops.norm(x, { ...options, ord: call.int("p", 2) })),
  GlobalMaxPool: global(ops.max),
  LpPool: lpPool,
  MaxPool: maxPool,
};
