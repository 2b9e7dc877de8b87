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
 */
export function relu(x: Tensor, options: ReluOptions = {}): Tensor {
  const { negativeSlope = 0, maxValue = null, threshold = 0 } = options;
  const passed = threshold === 0 ? rectify(x) : where(greater(x, threshold), x, 0);
  const limited = maxValue === null ? passed : minimum(passed, maxValue);
  if (negativeSlope === 0) return limited;
  const below = rectify(threshold === 0 ? x.neg() : x.neg().add(threshold));
  return limited.sub(below.mul(negativeSlope));
}

/** x above 0, `negativeSlope`·x below. */
export function leakyRelu(x: Tensor, options: { /** Default 0.2. */ readonly negativeSlope?: number } = {}): Tensor {
  return relu(x, { negativeSlope: options.negativeSlope ?? 0.2 });
}

/** min(max(x, 0), 6). */
export function relu6(x: Tensor): Tensor {
  return minimum(rectify(x), 6);
}

/** x where x > threshold, else `defaultValue`. */
export function threshold(
  x: Tensor,
  options: { /** Default 0. */ readonly threshold?: number; /** Default 0. */ readonly defaultValue?: number } = {},
): Tensor {
  return where(greater(x, options.threshold ?? 0), x, options.defaultValue ?? 0);
}

/** min(max(x, −1), 1). */
export function hardTanh(x: Tensor): Tensor {
  return minimum(maximum(x, -1), 1);
}
