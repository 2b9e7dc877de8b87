import type { Tensor } from "../../tensor/tensor.js";
import { greater } from "./compare.js";
import { where } from "./where.js";

/** A root of x where x > 0, else 0 with a gradient of 0: the root's own would be infinite at 0, and NaN after a product. */
export function rootOrZero(x: Tensor, root: (positive: Tensor) => Tensor): Tensor {
  const positive = greater(x, 0);
  return where(positive, root(where(positive, x, 1)), 0);
}
