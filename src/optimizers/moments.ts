import type { Tensor } from "../tensor/tensor.js";

/** A moving average after one more value: average + (value − average) · (1 − beta). */
export function decayTowards(average: Tensor, value: Tensor, beta: number): Tensor {
  return average.add(value.sub(average).mul(1 - beta));
}
