import { maximum, minimum } from "../ops/elementwise/binary.js";
import { greater } from "../ops/elementwise/compare.js";
import { relu as rectify } from "../ops/elementwise/unary.js";
import { where } from "../ops/elementwise/where.js";
import type { Tensor } from "../tensor/tensor.js";

/** Options of {@link relu}. */
export interface ReluOptions {
  /** Slope below the threshold, at least 0. Default 0. */
  readonly negativeSlope?: number;
  /** Largest value; null for none. Default null. */
  readonly maxValue?: number | null;
  /** Where the unit starts to pass values on. Default 0. */
  readonly threshold?: number;
}

/**
 * max(x, 0). With options: x above `threshold`, `negativeSlope`·(x − threshold) below it, and
 * nothing above `maxValue`.
 * @example
 * console.log(await activations.relu(tensor([-1, 0, 1])).toArray()); // [0, 0, 1]
 */
export function relu(x: Tensor, options: ReluOptions = {}): Tensor {
  const { negativeSlope = 0, maxValue = null, threshold = 0 } = options;
  const passed = threshold === 0 ? rectify(x) : where(greater(x, threshold), x, 0);
  const limited = maxValue === null ? passed : minimum(passed, maxValue);
  if (negativeSlope === 0) return limited;
  const below = rectify(threshold === 0 ? x.neg() : x.neg().add(threshold));
  return limited.sub(below.mul(negativeSlope));
}

/**
 * x above 0, `negativeSlope`·x below.
 * @example
 * console.log(await activations.leakyRelu(tensor([-1, 0, 1])).toArray()); // [-0.2, 0, 1]
 */
export function leakyRelu(x: Tensor, options: { /** Default 0.2. */ readonly negativeSlope?: number } = {}): Tensor {
  return relu(x, { negativeSlope: options.negativeSlope ?? 0.2 });
}

/**
 * min(max(x, 0), 6).
 * @example
 * console.log(await activations.relu6(tensor([-1, 8])).toArray()); // [0, 6]
 */
export function relu6(x: Tensor): Tensor {
  return minimum(rectify(x), 6);
}

/**
 * x where x > threshold, else `defaultValue`.
 * @example
 * console.log(await activations.threshold(tensor([-1, 2]), { threshold: 1 }).toArray()); // [0, 2]
 */
export function threshold(
  x: Tensor,
  options: { /** Default 0. */ readonly threshold?: number; /** Default 0. */ readonly defaultValue?: number } = {},
): Tensor {
  return where(greater(x, options.threshold ?? 0), x, options.defaultValue ?? 0);
}

/**
 * min(max(x, −1), 1).
 * @example
 * console.log(await activations.hardTanh(tensor([-1, 0, 1])).toArray()); // [-1, 0, 1]
 */
export function hardTanh(x: Tensor): Tensor {
  return minimum(maximum(x, -1), 1);
}
