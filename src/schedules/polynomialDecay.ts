import { defineSchedule } from "./schedule.js";

/** Options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate at step 0. */
  readonly initialLearningRate: number;
  /** Steps down to the end, above 0. */
  readonly decaySteps: number;
  /** The last rate. Default 0.0001. */
  readonly endLearningRate?: number;
  /** The exponent; 1 is a straight line. Default 1. */
  readonly power?: number;
  /** Whether the rate rises again after `decaySteps`, over ever longer periods. Default false. */
  readonly cycle?: boolean;
}

/**
 * (initialLearningRate − endLearningRate) · (1 − step / decaySteps)^power + endLearningRate.
 *
 * @throws BAD_ARGUMENT when an option is missing or decaySteps is not above 0
 * @example
 * schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 100, endLearningRate: 0 }).at(50); // 0.05
 */
export const polynomialDecay = defineSchedule<PolynomialDecayOptions>({
  className: "PolynomialDecay",
  required: ["initialLearningRate", "decaySteps"],
  defaults: { endLearningRate: 0.0001, power: 1, cycle: false },
  positive: ["decaySteps"],
  at: (step, { initialLearningRate, decaySteps, endLearningRate, power, cycle }) => {
    const length = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps;
    const left = 1 - Math.min(step, length) / length;
    return (initialLearningRate - endLearningRate) * left ** power + endLearningRate;
  },
});
