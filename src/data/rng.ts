import { foldIn, keyOf, permutation } from "../random/index.js";

/**
 * The numbers 0 … n-1 in a random order that depends on the arguments alone.
 *
 * `part` tells apart several orders within one pass.
 */
export function shuffledIndices(n: number, seed: number, epoch: number, part = 0): Uint32Array {
  return permutation(foldIn(foldIn(foldIn(keyOf(seed), "data"), epoch), part), n);
}
