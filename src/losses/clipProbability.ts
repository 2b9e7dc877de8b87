import { EPSILON } from "../epsilon.js";
import { clip } from "../ops/elementwise/binary.js";
import type { Tensor } from "../tensor/tensor.js";

/** Probabilities kept off 0 and 1, whose logarithms are infinite. */
export function clipProbability(p: Tensor): Tensor {
  return clip(p, EPSILON, 1 - EPSILON);
}
