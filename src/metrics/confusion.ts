import { alignWeight, sameLabels } from "../losses/matchRank.js";
import { cast } from "../ops/elementwise/cast.js";
import { equal, greater, less, notEqual } from "../ops/elementwise/compare.js";
import { constant } from "../ops/elementwise/literal.js";
import { ceil } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import { matmul } from "../ops/matrix/matmul.js";
import { sum } from "../ops/reduce/reduce.js";
import { broadcastTo } from "../ops/shape/broadcastTo.js";
import { onesLike } from "../ops/shape/fill.js";
import { matrixTranspose } from "../ops/shape/transpose.js";
import { concreteDim } from "../tensor/dim.js";
import type { Tensor } from "../tensor/tensor.js";

/** Weighted counts: [L,T] for L labels and T thresholds, L being 1 where labels are pooled. */
export type Counts = Readonly<
  Record<"truePositives" | "falsePositives" | "trueNegatives" | "falseNegatives", Tensor>
>;

/** What is counted as a positive. */
export interface CountOptions {
  /** A prediction is positive above each of these, rising where there are several. */
  readonly thresholds: readonly number[];
  /** How many of the largest predictions of a sample can be positive. Default: all. */
  readonly topK?: number | null;
  /** The one class that counts. Default: all. */
  readonly classId?: number | null;
  /** Whether each label of the last axis is counted by itself. Default false. */
  readonly perLabel?: boolean;
  /** A factor of sample weights for each label of the last axis. Default 1. */
  readonly labelWeights?: readonly number[] | null;
}

/** Below every prediction: what those outside the top k are set to. */
export const LOWEST = -1e10;

/** Counts at each threshold over a batch. */
export function countsAt(
  yTrue: Tensor,
  yPred: Tensor,
  sampleWeight: Tensor | undefined,
  { thresholds, topK = null, classId = null, perLabel = false, labelWeights = null }: CountOptions,
): Counts {
  const [label, prediction] = sameLabels("counts of positives", yTrue, yPred);
  const kept = topK === null ? prediction : keepLargest(prediction, topK);
  const p = classId === null ? kept : oneClass(kept, classId);
  const y = classId === null ? label : oneClass(label, classId);
  const given = weightsLike(p, sampleWeight);
  const weight = labelWeights === null ? given : given.mul(floats(labelWeights));
  const labels = perLabel ? p.shape.at(-1)! : 1;
  const columns = (x: Tensor): Tensor => matrixTranspose(x.reshape([-1, labels])).reshape([labels, -1, 1]); // [L,N,1]
  const above = cast(decisions(columns(p), thresholds), "float32"); // [L,N,T]
  const positive = cast(notEqual(columns(y), 0), "float32").mul(columns(weight)); // [L,N,1]
  const negative = columns(weight).sub(positive);
  const count = (weights: Tensor): Tensor =>
    matmul(weights, above, { transposeA: true }).reshape([labels, thresholds.length]);
  const truePositives = count(positive);
  const falsePositives = count(negative);
  return {
    truePositives,
    falsePositives,
    trueNegatives: sum(negative, { axes: 1 }).sub(falsePositives),
    falseNegatives: sum(positive, { axes: 1 }).sub(truePositives),
  };
}

function floats(values: readonly number[]): Tensor {
  return constant(Float32Array.from(values), [values.length], "float32");
}

function weightsLike(p: Tensor, sampleWeight: Tensor | undefined): Tensor {
  if (sampleWeight === undefined) return onesLike(p);
  const weight = cast(sampleWeight, p.dtype);
  const flat = weight.rank === p.rank + 1 && weight.shape.at(-1) === 1 ? weight.reshape(weight.shape.slice(0, -1)) : weight;
  return broadcastTo(alignWeight(flat, p), p.shape);
}

/** Whether predictions [L,N,1] are above each threshold. bool [L,N,T] */
function decisions(p: Tensor, thresholds: readonly number[]): Tensor {
  const last = thresholds.length - 1;
  const even = last >= 2 && thresholds.every((t, i) => Math.abs(t - i / last) <= 1.1e-7 + 1e-5 * (i / last));
  if (!even) return greater(p, floats(thresholds));
  // Keras sorts into buckets here, with its own rounding; the first threshold below 0 takes all.
  const bucket = ceil(p.clip(0, 1).mul(last));
  return greater(bucket, floats(thresholds.map((_, i) => (i === 0 && thresholds[0]! < 0 ? -1 : i))));
}

/** One class of the last axis, which stays with size 1. */
function oneClass(x: Tensor, classId: number): Tensor {
  const last = x.rank - 1;
  return x.slice(
    x.shape.map((_, i) => (i === last ? classId : 0)),
    x.shape.map((dim, i) => (i === last ? classId + 1 : dim)),
  );
}

/** The k largest of the last axis, the earlier of equal ones first; others become {@link LOWEST}. */
function keepLargest(x: Tensor, k: number): Tensor {
  const classes = concreteDim(x.shape.at(-1)!, "topK");
  const own = x.reshape([...x.shape, 1]);
  const other = x.reshape([...x.shape.slice(0, -1), 1, classes]);
  // 1 at [i,j] where j < i: an equal value that stands before counts as larger.
  const before = Float32Array.from({ length: classes ** 2 }, (_, at) => (at % classes < Math.floor(at / classes) ? 1 : 0));
  const ties = cast(equal(other, own), "float32").mul(constant(before, [classes, classes], "float32"));
  const larger = cast(greater(other, own), "float32").add(ties);
  return where(less(sum(larger, { axes: -1 }), k), x, LOWEST);
}
