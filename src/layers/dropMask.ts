import { mul } from "../ops/elementwise/binary.js";
import { cast } from "../ops/elementwise/cast.js";
import { randomBernoulli } from "../ops/random/index.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { CallContext } from "./definition.js";

/**
 * What dropout multiplies by: 0 for a share `rate` of the elements, 1 / (1 − rate) for the others.
 * Undefined where nothing is dropped, as outside of training.
 */
export function dropMask(
  { training, key }: Pick<CallContext, "training" | "key">,
  rate: number,
  shape: Shape,
  dtype: Tensor["dtype"],
): Tensor | undefined {
  if (!training || rate === 0) return undefined;
  return mul(cast(randomBernoulli(key(), 1 - rate, shape), dtype), 1 / (1 - rate));
}
