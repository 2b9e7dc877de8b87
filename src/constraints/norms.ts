import { EPSILON } from "../epsilon.js";
import { clip } from "../ops/elementwise/binary.js";
import { sqrt, square } from "../ops/elementwise/unary.js";
import { sum } from "../ops/reduce/reduce.js";
import type { Tensor } from "../tensor/tensor.js";
import { defineConstraint } from "./constraint.js";

/** Along which axes a norm is taken. */
export interface NormOptions {
  /** One axis or several. Default 0: one norm for each unit of a dense kernel. */
  readonly axis: number | readonly number[];
}

function norms(weight: Tensor, axis: NormOptions["axis"]): Tensor {
  return sqrt(sum(square(weight), { axes: axis, keepDims: true }));
}

/** The weight with its norms brought to `desired`. */
function scaled(weight: Tensor, current: Tensor, desired: Tensor): Tensor {
  return weight.mul(desired.div(current.add(EPSILON)));
}

/**
 * Norms of at most `maxValue`.
 *
 * @example
 * layers.dense({ units: 8, kernelConstraint: constraints.maxNorm({ maxValue: 3 }) });
 */
export const maxNorm = defineConstraint<NormOptions & { /** Default 2. */ readonly maxValue: number }>({
  className: "MaxNorm",
  defaults: { maxValue: 2, axis: 0 },
  call: (weight, { maxValue, axis }) => {
    const current = norms(weight, axis);
    return scaled(weight, current, clip(current, 0, maxValue));
  },
});

/**
 * Norms of 1.
 *
 * @example
 * layers.dense({ units: 8, kernelConstraint: constraints.unitNorm() });
 */
export const unitNorm = defineConstraint<NormOptions>({
  className: "UnitNorm",
  defaults: { axis: 0 },
  call: (weight, { axis }) => weight.div(norms(weight, axis).add(EPSILON)),
});

/** Options of {@link minMaxNorm}. */
export interface MinMaxNormOptions extends NormOptions {
  /** Default 0. */
  readonly minValue: number;
  /** Default 1. */
  readonly maxValue: number;
  /** How far a norm outside is moved to the range at each step, 0 to 1. Default 1. */
  readonly rate: number;
}

/**
 * Norms from `minValue` to `maxValue`.
 *
 * @example
 * layers.dense({ units: 8, kernelConstraint: constraints.minMaxNorm({ minValue: 0.5, maxValue: 2 }) });
 */
export const minMaxNorm = defineConstraint<MinMaxNormOptions>({
  className: "MinMaxNorm",
  defaults: { minValue: 0, maxValue: 1, rate: 1, axis: 0 },
  call: (weight, { minValue, maxValue, rate, axis }) => {
    const current = norms(weight, axis);
    const desired = clip(current, minValue, maxValue).mul(rate).add(current.mul(1 - rate));
    return scaled(weight, current, desired);
  },
});
