import { greater } from "../ops/elementwise/compare.js";
import { where } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";

/** What counts as small. */
export interface ShrinkOptions {
  /** Values up to this size become 0. At least 0, default 0.5. */
  readonly threshold?: number;
}

/**
 * x drawn towards 0 by `threshold`, and 0 where |x| ≤ threshold.
 * @example
 * console.log(await activations.softShrink(tensor([-1, 0, 1])).toArray()); // [-0.5, 0, 0.5]
 */
export function softShrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  const threshold = options.threshold ?? 0.5;
  return x.sub(threshold).relu().sub(x.neg().sub(threshold).relu());
}

/**
 * x where |x| > threshold, else 0.
 * @example
 * console.log(await activations.hardShrink(tensor([-1, 0, 1])).toArray()); // [-1, 0, 1]
 */
export function hardShrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  return where(greater(x.abs(), options.threshold ?? 0.5), x, 0);
}
