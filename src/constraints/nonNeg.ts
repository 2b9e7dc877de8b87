import { defineConstraint } from "./constraint.js";

/**
 * Weights of at least 0.
 *
 * @example
 * layers.dense({ units: 8, kernelConstraint: "nonNeg" });
 */
export const nonNeg = defineConstraint({
  className: "NonNeg",
  defaults: {},
  call: (weight) => weight.maximum(0),
});
