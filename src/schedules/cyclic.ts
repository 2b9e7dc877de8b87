import { badOption } from "../options.js";
import { defineSchedule } from "./schedule.js";

/** Options of {@link cyclic}. */
export interface CyclicOptions {
  /** The lowest rate, at the beginning of each cycle. */
  readonly baseLearningRate: number;
  /** The highest rate of the first cycle. */
  readonly maxLearningRate: number;
  /** Steps upwards, above 0. Default 2000. */
  readonly stepSizeUp?: number;
  /** Steps downwards, above 0; null for as many as upwards. Default null. */
  readonly stepSizeDown?: number | null;
  /** How the height changes: not at all, halved at each cycle, or times gamma at each step. Default triangular. */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** For expRange, what the height is multiplied by at each step. Default 1. */
  readonly gamma?: number;
}

/**
 * Straight up from the base to the maximum and down again, over and over.
 *
 * @throws BAD_ARGUMENT when an option is missing or no such mode exists
 * @source Smith 2017, Cyclical Learning Rates
 * @example
 * schedules.cyclic({ baseLearningRate: 0.001, maxLearningRate: 0.01, stepSizeUp: 100 }).at(50); // 0.0055
 */
export const cyclic = defineSchedule<CyclicOptions>({
  className: "Cyclic",
  required: ["baseLearningRate", "maxLearningRate"],
  defaults: { stepSizeUp: 2000, stepSizeDown: null, mode: "triangular", gamma: 1 },
  positive: ["stepSizeUp"],
  check: ({ mode, stepSizeDown }, where) => {
    const modes = ["triangular", "triangular2", "expRange"];
    if (!modes.includes(mode)) throw badOption(where, "mode", modes.join(", "), mode);
    if (stepSizeDown !== null && !(stepSizeDown > 0)) throw badOption(where, "stepSizeDown", "a number above 0, or null", stepSizeDown);
  },
  at: (step, { baseLearningRate, maxLearningRate, stepSizeUp, stepSizeDown, mode, gamma }) => {
    const length = stepSizeUp + (stepSizeDown ?? stepSizeUp);
    const cycle = Math.floor(step / length);
    const place = step - cycle * length;
    const height = place <= stepSizeUp ? place / stepSizeUp : (length - place) / (length - stepSizeUp);
    const scale = { triangular: 1, triangular2: 2 ** -cycle, expRange: gamma ** step }[mode];
    return baseLearningRate + (maxLearningRate - baseLearningRate) * height * scale;
  },
});
