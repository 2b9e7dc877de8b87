import { abs, square } from "../ops/elementwise/unary.js";
import { sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineRegularizer } from "./regularizer.js";

function absolute(weight: Tensor, factor: number): Tensor {
  return sum(abs(weight)).mul(factor);
}

function squared(weight: Tensor, factor: number): Tensor {
  return sum(square(weight)).mul(factor);
}

/**
 * l1 · Σ |w|.
 *
 * @example
 * layers.dense({ units: 8, kernelRegularizer: regularizers.l1({ l1: 0.001 }) });
 */
export const l1 = defineRegularizer<{ /** At least 0, default 0.01. */ readonly l1: number }>({
  className: "L1",
  defaults: { l1: 0.01 },
  call: (weight, config) => absolute(weight, config.l1),
});

/**
 * l2 · Σ w².
 *
 * @example
 * layers.dense({ units: 8, kernelRegularizer: regularizers.l2({ l2: 0.001 }) });
 */
export const l2 = defineRegularizer<{ /** At least 0, default 0.01. */ readonly l2: number }>({
  className: "L2",
  defaults: { l2: 0.01 },
  call: (weight, config) => squared(weight, config.l2),
});

/** Options of {@link l1l2}. */
export interface L1L2Options {
  /** At least 0, default 0. */
  readonly l1: number;
  /** At least 0, default 0. */
  readonly l2: number;
}

/**
 * l1 · Σ |w| + l2 · Σ w².
 *
 * @example
 * layers.dense({ units: 8, kernelRegularizer: regularizers.l1l2({ l1: 0.001, l2: 0.001 }) });
 */
export const l1l2 = defineRegularizer<L1L2Options>({
  className: "L1L2",
  defaults: { l1: 0, l2: 0 },
  call: (weight, config) => absolute(weight, config.l1).add(squared(weight, config.l2)),
});
