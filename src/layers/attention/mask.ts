import { add } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { logicalAnd } from "../../ops/elementwise/compare.js";
import { where } from "../../ops/elementwise/where.js";
import { softmax } from "../../ops/nn/softmax.js";
import { bandMask } from "../../ops/shape/band.js";
import type { Dim } from "../../tensor/dim.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Keras's score of what is masked: softmax makes 0 of it; −∞ would make NaN of a row without any valid key. */
const MASKED_SCORE = -1e9;

/** Where step t may look at step s: at s ≤ t if `causal`, and at |t − s| < `window`. @shape → [T,S] bool */
export function stepMask(queries: Dim, keys: Dim, causal: boolean, window: number | null = null): Tensor | undefined {
  if (!causal && window === null) return undefined;
  const reach = window === null ? {} : { from: 1 - window, to: window - 1 };
  return bandMask(queries, keys, { ...reach, ...(causal ? { to: 0 } : {}) });
}

/** True where all given masks are; undefined without any. */
export function allOf(masks: readonly (Tensor | undefined)[]): Tensor | undefined {
  const given = masks.filter((mask) => mask !== undefined).map((mask) => cast(mask, "bool"));
  return given.length === 0 ? undefined : given.reduce((a, b) => logicalAnd(a, b));
}

/**
 * Softmax over the last axis; masked scores are 10⁹ lower. A row without valid ones weighs all
 * alike, and still lets gradients through, as Keras's attention layers without heads do.
 */
export function loweredSoftmax(scores: Tensor, mask: Tensor | undefined): Tensor {
  return softmax(mask === undefined ? scores : add(scores, where(mask, 0, MASKED_SCORE)), -1);
}

/** Softmax over the last axis; a masked score weighs nothing, and in a row without valid ones all weigh alike. */
export function maskedSoftmax(scores: Tensor, mask: Tensor | undefined): Tensor {
  return softmax(mask === undefined ? scores : where(mask, scores, MASKED_SCORE), -1);
}
