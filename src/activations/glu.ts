import { split } from "../ops/shape/concat.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * a·sigmoid(b), a and b being the halves of x along an axis, which must have even size.
 * @example
 * console.log(await activations.glu(tensor([1, 2, 0, 1])).toArray()); // [0.5, 1.4621]
 */
export function glu(x: Tensor, options: { /** The axis that is halved. Default −1. */ readonly axis?: number } = {}): Tensor {
  const [a, b] = split(x, 2, options.axis ?? -1);
  return a!.mul(b!.sigmoid());
}
