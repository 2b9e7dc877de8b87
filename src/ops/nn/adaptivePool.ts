import { toTensor, type TensorLike } from "../../graph/literal.js";
import { arrayOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkTable } from "../checkTable.js";
import { constant } from "../elementwise/literal.js";
import { gather } from "../indexing/gather.js";
import { mapAxis } from "../matrix/mapAxis.js";
import { max } from "../reduce/reduce.js";
import { perAxis, spatialOf } from "./convGeometry.js";
import { averagePool, maxPool } from "./pool.js";

/** Window i of `count` over `size` elements: from ⌊i·size/count⌋ up to ⌈(i+1)·size/count⌉. */
function windows(size: number, count: number): [start: number, end: number][] {
  return Array.from({ length: count }, (_, i) => [Math.floor((i * size) / count), Math.ceil(((i + 1) * size) / count)]);
}

/**
 * Pools to a given size: axis by axis, since a window is a product of ranges. Where every size
 * divides, that is plain pooling.
 */
function adaptive(
  op: string,
  x: TensorLike,
  outputSize: number | readonly number[],
  plain: typeof maxPool,
  along: (x: Tensor, axis: number, ranges: readonly (readonly [start: number, end: number])[]) => Tensor,
): Tensor {
  const value = toTensor(x);
  const sizes = spatialOf(value, op);
  const counts = perAxis(op, "outputSize", outputSize, sizes.length);
  if (sizes.every((size, i) => size >= counts[i]! && size % counts[i]! === 0)) {
    return plain(value, { poolSize: sizes.map((size, i) => size / counts[i]!) });
  }
  // The larger table of the two kinds: a weight for each element in each window.
  counts.forEach((count, i) => checkTable(op, count === sizes[i] ? 0 : count * sizes[i]!));
  return counts.reduce((y, count, i) => (count === sizes[i] ? y : along(y, i + 2, windows(sizes[i]!, count))), value);
}

/**
 * The means of `outputSize` windows that cover each spatial axis, of nearly equal length: window i
 * goes from ⌊i·S/N⌋ up to ⌈(i+1)·S/N⌉.
 *
 * @shape [B,C,...S] → [B,C,...outputSize]
 * @example
 * console.log(await ops.adaptiveAveragePool([[[1, 3, 5, 7]]], 2).toArray()); // [[[2, 6]]]
 */
export function adaptiveAveragePool(x: TensorLike, outputSize: number | readonly number[]): Tensor {
  return adaptive("adaptiveAveragePool", x, outputSize, averagePool, (y, axis, ranges) => {
    const size = y.shape[axis] as number;
    const weights = ranges.flatMap(([start, end]) =>
      Array.from({ length: size }, (_, at) => (at >= start && at < end ? 1 / (end - start) : 0)),
    );
    return mapAxis(y, constant(arrayOf(y.dtype, weights), [ranges.length, size], y.dtype), axis);
  });
}

/**
 * The largest elements of `outputSize` windows that cover each spatial axis, of nearly equal length:
 * window i goes from ⌊i·S/N⌋ up to ⌈(i+1)·S/N⌉. Equal maxima share the gradient.
 *
 * @shape [B,C,...S] → [B,C,...outputSize]
 * @example
 * console.log(await ops.adaptiveMaxPool([[[1, 3, 5, 7]]], 2).toArray()); // [[[3, 7]]]
 */
export function adaptiveMaxPool(x: TensorLike, outputSize: number | readonly number[]): Tensor {
  return adaptive("adaptiveMaxPool", x, outputSize, maxPool, (y, axis, ranges) => {
    const longest = Math.max(...ranges.map(([start, end]) => end - start));
    // A shorter window sees its last element again.
    const places = ranges.flatMap(([start, end]) => Array.from({ length: longest }, (_, t) => Math.min(start + t, end - 1)));
    return max(gather(y, constant(Int32Array.from(places), [ranges.length, longest], "int32"), axis), { axes: axis + 1 });
  });
}
