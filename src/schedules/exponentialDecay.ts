import { defineSchedule } from "./schedule.js";

/** Options of the schedules that shrink the rate by `decayRate` every `decaySteps`. */
export interface DecayOptions {
  /** The rate at step 0. */
  readonly initialLearningRate: number;
  /** Steps between two decays, above 0. */
  readonly decaySteps: number;
  /** How strong one decay is. */
  readonly decayRate: number;
  /** Whether the rate changes only every `decaySteps` and not at each step. Default false. */
  readonly staircase?: boolean;
}

/** How many decays have passed. */
function decays(step: number, { decaySteps, staircase }: Required<DecayOptions>): number {
  const passed = step / decaySteps;
  return staircase ? Math.floor(passed) : passed;
}

/**
 * initialLearningRate · decayRate^(step / decaySteps).
 *
 * @throws BAD_ARGUMENT when an option is missing or decaySteps is not above 0
 * @example
 * optimizers.adam({ learningRate: schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 1000, decayRate: 0.9 }) });
 */
export const exponentialDecay = defineSchedule<DecayOptions>({
  className: "ExponentialDecay",
  required: ["initialLearningRate", "decaySteps", "decayRate"],
  defaults: { staircase: false },
  positive: ["decaySteps"],
  at: (step, config) => config.initialLearningRate * config.decayRate ** decays(step, config),
});

/**
 * initialLearningRate / (1 + decayRate · step / decaySteps).
 *
 * @throws BAD_ARGUMENT when an option is missing or decaySteps is not above 0
 * @example
 * schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 }).at(100); // 0.0667
 */
export const inverseTimeDecay = defineSchedule<DecayOptions>({
  className: "InverseTimeDecay",
  required: ["initialLearningRate", "decaySteps", "decayRate"],
  defaults: { staircase: false },
  positive: ["decaySteps"],
  at: (step, config) => config.initialLearningRate / (1 + config.decayRate * decays(step, config)),
});
