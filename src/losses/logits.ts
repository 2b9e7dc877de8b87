import { nodeOf } from "../graph/node.js";
import { sigmoid } from "../ops/elementwise/unary.js";
import { softmax } from "../ops/nn/softmax.js";
import { normalizeAxis } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * The logits behind probabilities that a softmax along `axis` has just made, so that a loss can
 * take their logarithm without rounding; undefined for other tensors.
 */
export function softmaxLogits(probabilities: Tensor, axis: number): Tensor | undefined {
  const node = nodeOf(probabilities);
  if (node?.op !== softmax) return undefined;
  return node.attrs["axis"] === normalizeAxis(axis, probabilities.rank, "loss") ? node.inputs[0] : undefined;
}

/** The logits behind probabilities that a sigmoid has just made; undefined for other tensors. */
export function sigmoidLogits(probabilities: Tensor): Tensor | undefined {
  const node = nodeOf(probabilities);
  return node?.op === sigmoid ? node.inputs[0] : undefined;
}
