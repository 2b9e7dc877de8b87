import { type Apply, defineOp, type OpOf } from "../../graph/op.js";
import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { divDims, mulDims, type Dim } from "../../tensor/dim.js";
import { type Shape, normalizeAxis } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { sum } from "../reduce/reduce.js";
import { reshape } from "./reshape.js";

type RepeatAttrs = { readonly counts: readonly number[] };

const stretched = (shape: Shape, counts: readonly number[]): Dim[] => shape.map((dim, i) => mulDims(dim, counts[i]!));

function checkCounts(op: string, x: Tensor, counts: readonly number[]): void {
  if (counts.length === x.rank && counts.every((n) => Number.isInteger(n) && n >= 1)) return;
  throw shapeError(op, `a whole number of at least 1 for each of ${x.rank} axes, not [${counts.join(", ")}]`, [x.shape]);
}

/**
 * Each element `counts` times in a row along its axis: with the counts [2] for axis 0,
 * [a, b] becomes [a, a, b, b]. Along two axes of an image this enlarges it.
 *
 * @shape [A,N] → [A,N·count] for axis 1
 * @source ONNX Resize, the fastest of the ops that repeat, where it can; else Expand
 * @example
 * console.log(await ops.repeat([1, 2], 2).toArray()); // [1, 1, 2, 2]
 */
export const repeat: OpOf<(x: TensorLike, counts: number | readonly number[], axes?: number | readonly number[]) => Tensor> = defineOp({
  name: "repeat",
  call: (apply: Apply<RepeatAttrs>) => (x, counts, axes = 0) => {
    const value = toTensor(x);
    const places = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(axis, value.rank, "repeat"));
    const times = typeof counts === "number" ? places.map(() => counts) : counts;
    if (times.length !== places.length) throw shapeError("repeat", `${places.length} counts, one an axis`, [times]);
    const all = value.shape.map((_, i) => times[places.indexOf(i)] ?? 1);
    return all.every((n) => n === 1) ? value : apply([value], { counts: all })[0];
  },
  infer: ([x], { counts }) => {
    checkCounts("repeat", x, counts);
    return { shape: stretched(x.shape, counts), dtype: x.dtype };
  },
  grad: ({ attrs: { counts } }, [g]) => [sumRepeats(g!, counts)],
  lower: (b, [x], { inputs: [{ shape, dtype }], outputs: [y], attrs: { counts } }) => {
    if (dtype === "float32" && !shape.includes(0)) {
      const scales = b.constant(Float32Array.from(counts), [counts.length], "float32");
      const how = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
      return b.node("Resize", [x, null, scales], how);
    }
    const lifted = b.node("Unsqueeze", [x, b.int64s(addedAxes(counts))]);
    const spread = shape.flatMap((dim, i) => (counts[i] === 1 ? [dim] : [dim, counts[i]!]));
    return b.node("Reshape", [b.node("Expand", [lifted, b.shape(spread)]), b.shape(y.shape)], { allowzero: 1 });
  },
});

/** The sum of each run of `counts` elements along its axis: the adjoint of {@link repeat}. @shape [A,N·count] → [A,N] */
export const sumRepeats: OpOf<(x: Tensor, counts: readonly number[]) => Tensor> = defineOp({
  name: "sumRepeats",
  call: (apply: Apply<RepeatAttrs>) => (x, counts) => apply([x], { counts })[0],
  infer: ([x], { counts }) => ({ shape: x.shape.map((dim, i) => divDims(dim, counts[i]!)!), dtype: x.dtype }),
  grad: ({ attrs: { counts } }, [g]) => [repeat(g!, counts, counts.map((_, i) => i))],
  lower: (b, [x], { outputs: [y], attrs: { counts } }) => {
    const split = y.shape.flatMap((dim, i) => (counts[i] === 1 ? [dim] : [dim, counts[i]!]));
    return b.node("ReduceSum", [b.node("Reshape", [x, b.shape(split)], { allowzero: 1 }), b.int64s(addedAxes(counts))], { keepdims: 0 });
  },
});

/** Where the counts stand once each repeated axis is followed by one of its count. */
function addedAxes(counts: readonly number[]): number[] {
  const found: number[] = [];
  counts.forEach((count, i) => {
    if (count > 1) found.push(i + found.length + 1);
  });
  return found;
}

/**
 * x laid side by side `counts` times along each axis: with the counts [2], [a, b] becomes
 * [a, b, a, b]. Missing leading axes are added.
 *
 * @shape [A,N] → [A·counts₀,N·counts₁]
 * @source ONNX Tile
 * @example
 * console.log(await ops.tile([1, 2], [2]).toArray()); // [1, 2, 1, 2]
 */
export const tile: OpOf<(x: TensorLike, counts: readonly number[]) => Tensor> = defineOp({
  name: "tile",
  call: (apply: Apply<RepeatAttrs>) => (x, counts) => {
    const tensor = toTensor(x);
    const missing = Math.max(0, counts.length - tensor.rank);
    const value = reshape(tensor, [...Array.from({ length: missing }, () => 1), ...tensor.shape]);
    const all = [...value.shape.slice(counts.length).map(() => 1), ...counts];
    return all.every((n) => n === 1) ? value : apply([value], { counts: all })[0];
  },
  infer: ([x], { counts }) => {
    checkCounts("tile", x, counts);
    return { shape: stretched(x.shape, counts), dtype: x.dtype };
  },
  grad: ({ inputs: [x], attrs: { counts } }, [g]) => {
    const split = x.shape.flatMap((dim, i) => [counts[i]!, dim]);
    return [sum(reshape(g!, split), { axes: counts.map((_, i) => 2 * i) })];
  },
  lower: (b, [x], { attrs: { counts } }) => b.node("Tile", [x, b.int64s(counts)]),
});
