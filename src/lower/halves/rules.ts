import { withBackward } from "../../autodiff/customGradient.js";
import type { Op } from "../../graph/op.js";
import { add, sub } from "../../ops/elementwise/binary.js";
import { neg } from "../../ops/elementwise/unary.js";
import { gather, scatterAdd } from "../../ops/indexing/gather.js";
import { argMax, argMin } from "../../ops/indexing/select.js";
import { putAlong, takeAlong } from "../../ops/indexing/takeAlong.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { conv, convInputGrad, convKernelGrad } from "../../ops/nn/conv.js";
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from "../../ops/nn/pool.js";
import { logSoftmax, softmax } from "../../ops/nn/softmax.js";
import { cumSum } from "../../ops/reduce/cumulative.js";
import { max, mean, min, prod, sum } from "../../ops/reduce/reduce.js";
import { broadcastTo } from "../../ops/shape/broadcastTo.js";
import { concat, split } from "../../ops/shape/concat.js";
import { pad, type Paddings } from "../../ops/shape/pad.js";
import { repeat, sumRepeats, tile } from "../../ops/shape/repeat.js";
import { reshape } from "../../ops/shape/reshape.js";
import { slice } from "../../ops/shape/slice.js";
import { transpose } from "../../ops/shape/transpose.js";
import { isFloat } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Share, ShareContext, ShareRule, Sharing } from "./share.js";

/** Ops of which the sum of results is the result for sums of all operands. */
export const linearOps: ReadonlySet<Op> = new Set<Op>([add, sub, neg, reshape, transpose, concat, split, slice, sum, broadcastTo, repeat, sumRepeats]);

/** The ops that can do their work on a part of the rows, beside all elementwise ones. */
export const shareRules: ReadonlyMap<Op, ShareRule> = new Map<Op, ShareRule>([
  ...[softmax, logSoftmax, cumSum].map((op): [Op, ShareRule] => [op, alongOther((axis) => axis)]),
  ...[argMax, argMin].map((op): [Op, ShareRule] => [op, alongOther((axis, along) => (axis > along ? axis - 1 : axis))]),
  ...[concat, split, takeAlong, putAlong].map((op): [Op, ShareRule] => [op, alongOther((axis) => axis)]),
  ...[maxPool, averagePool, maxPoolGrad, averagePoolGrad].map((op): [Op, ShareRule] => [op, ({ shares }) => kept(common(shares), (axis) => axis < 2)]),
  [conv, rowsOfFirst],
  [convInputGrad, rowsOfFirst],
  [convKernelGrad, ({ shares }) => (common(shares) === 0 ? { share: "sum" } : undefined)],
  ...[max, min, prod].map((op): [Op, ShareRule] => [op, reduction(undefined)]),
  [sum, reduction("sum")],
  [mean, reduction("mean")],
  [matmul, matmulRule],
  [withBackward, ({ shares }) => kept(common(shares), () => true)],
  [gather, gatherRule],
  [scatterAdd, scatterRule],
  [transpose, ({ node, shares: [axis] }) => ({ share: (node.attrs["permutation"] as readonly number[]).indexOf(axis as number) })],
  [reshape, reshapeRule],
  [broadcastTo, ({ inputs: [x], output, shares: [axis], parts }) => withFewer("shape", output.shape, (axis as number) + output.rank - x!.rank, parts)],
  [slice, sliceRule],
  [pad, ({ node, shares: [axis] }) => kept(axis, (at) => (node.attrs["paddings"] as Paddings)[at]!.every((n) => n === 0))],
  ...[repeat, sumRepeats, tile].map((op): [Op, ShareRule] => [op, ({ node, shares: [axis] }) => kept(axis, (at) => (node.attrs["counts"] as readonly number[])[at] === 1)]),
]);

/** The share that all operands have. */
function common(shares: readonly (Share | undefined)[]): Share | undefined {
  return shares.every((share) => share === shares[0]) ? shares[0] : undefined;
}

function kept(share: Share | undefined, when: (axis: number) => boolean): Sharing | undefined {
  return typeof share === "number" && when(share) ? { share } : undefined;
}

/** An op that works along one axis, rows lying along another. */
function alongOther(after: (axis: number, along: number) => number): ShareRule {
  return ({ node, shares }) => {
    const along = node.attrs["axis"] as number;
    const axis = common(shares);
    return typeof axis === "number" && axis !== along ? { share: after(axis, along) } : undefined;
  };
}

function rowsOfFirst({ shares: [x, kernel] }: ShareContext): Sharing | undefined {
  return x === 0 && kernel === undefined ? { share: 0 } : undefined;
}

/** A reduction, and what the results are for parts when it goes over the rows. */
function reduction(overRows: Share | undefined): ShareRule {
  return ({ node, output, shares: [axis] }) => {
    const { axes, keepDims } = node.attrs as { readonly axes: readonly number[]; readonly keepDims: boolean };
    if (axes.includes(axis as number)) {
      // A mean of whole numbers is rounded.
      return overRows === undefined || (overRows === "mean" && !isFloat(output.dtype)) ? undefined : { share: overRows };
    }
    return { share: keepDims ? axis! : (axis as number) - axes.filter((reduced) => reduced < (axis as number)).length };
  };
}

function matmulRule({ inputs: [a, b], output, shares: [left, right] }: ShareContext): Sharing | undefined {
  const rank = output.rank;
  const [rows, columns] = [rank - 2, rank - 1];
  // Places of the shared axes, counted as in the product of highest rank; the left's last is the one summed over.
  const at = typeof left === "number" ? left + rank - a!.rank : undefined;
  const bt = typeof right === "number" ? right + rank - b!.rank : undefined;
  if (at === columns && bt === rows) return { share: "sum" };
  if (at === columns || bt === rows) return undefined;
  if (at !== undefined && bt !== undefined) return at === bt && at < rows ? { share: at } : undefined;
  const axis = at ?? bt!;
  const other = at === undefined ? a! : b!;
  const fits = axis >= rows || (other.shape[axis - rank + other.rank] ?? 1) === 1;
  return fits ? { share: axis } : undefined;
}

function gatherRule({ node, inputs: [, indices], shares: [x, places] }: ShareContext): Sharing | undefined {
  const along = node.attrs["axis"] as number;
  if (x === undefined) return { share: along + (places as number) };
  if (places !== undefined || x === along) return undefined;
  return { share: (x as number) < along ? x : (x as number) + indices!.rank - 1 };
}

function scatterRule({ node, inputs: [, indices], shares: [updates, places] }: ShareContext): Sharing | undefined {
  const along = node.attrs["axis"] as number;
  if (typeof places === "number") return updates === along + places ? { share: "sum" } : undefined;
  const axis = updates as number;
  if (axis >= along && axis < along + indices!.rank) return undefined;
  return { share: axis < along ? axis : axis - indices!.rank + 1 };
}

/** Rows lie in the axis that holds the place where they begin, in as many groups as it has steps before that. */
function reshapeRule({ inputs: [x], output: { shape }, shares: [axis], groups, parts }: ShareContext): Sharing | undefined {
  const before = product(x!.shape.slice(0, axis as number)) * groups;
  const to = shape.findIndex((_, i) => before >= product(shape.slice(0, i)) && before < product(shape.slice(0, i + 1)));
  const own = before / product(shape.slice(0, Math.max(0, to)));
  if (to < 0 || !Number.isInteger(own) || !Number.isInteger((shape[to] as number) / own / parts)) return undefined;
  return { ...withFewer("shape", shape, to, parts)!, groups: own };
}

function sliceRule({ node, inputs: [x], output, shares: [axis], parts }: ShareContext): Sharing | undefined {
  const { starts, steps } = node.attrs as { readonly starts: readonly number[]; readonly steps: readonly number[] };
  const at = axis as number;
  if (starts[at] !== 0 || steps[at] !== 1 || output.shape[at] !== x!.shape[at]) return undefined;
  return withFewer("sizes", output.shape, at, parts);
}

function withFewer(name: string, shape: Shape, axis: number, parts: number): Sharing | undefined {
  const rows = (shape[axis] as number) / parts;
  return Number.isInteger(rows) ? { share: axis, attrs: { [name]: shape.map((dim, i) => (i === axis ? rows : dim)) } } : undefined;
}

function product(shape: Shape): number {
  return shape.reduce<number>((n, dim) => n * (dim as number), 1);
}
