import { badOption } from "../options.js";
import { defineSchedule } from "./schedule.js";

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The highest rate. */
  readonly maxLearningRate: number;
  /** Steps of the whole training, above 1. */
  readonly totalSteps: number;
  /** The share of the steps that goes upwards, between 0 and 1. Default 0.3. */
  readonly pctStart?: number;
  /** The first rate is the highest divided by this. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first divided by this. Default 10000. */
  readonly finalDivFactor?: number;
  /** Along half a cosine, or straight. Default cos. */
  readonly annealStrategy?: "cos" | "linear";
}

/**
 * Up to the highest rate and down to nearly nothing, once over the whole training.
 *
 * @throws BAD_ARGUMENT when an option is missing or out of its range
 * @source Smith, Topin 2018, Super-Convergence
 * @example
 * optimizers.adam({ learningRate: schedules.oneCycle({ maxLearningRate: 0.01, totalSteps: 1000 }) });
 */
export const oneCycle = defineSchedule<OneCycleOptions>({
  className: "OneCycle",
  required: ["maxLearningRate", "totalSteps"],
  defaults: { pctStart: 0.3, divFactor: 25, finalDivFactor: 1e4, annealStrategy: "cos" },
  positive: ["maxLearningRate", "divFactor", "finalDivFactor"],
  check: ({ totalSteps, pctStart, annealStrategy }, where) => {
    if (!(Number.isInteger(totalSteps) && totalSteps > 1)) throw badOption(where, "totalSteps", "a whole number above 1", totalSteps);
    if (!(pctStart > 0 && pctStart < 1)) throw badOption(where, "pctStart", "a number between 0 and 1", pctStart);
    if (annealStrategy !== "cos" && annealStrategy !== "linear") throw badOption(where, "annealStrategy", "cos or linear", annealStrategy);
  },
  at: (step, { maxLearningRate, totalSteps, pctStart, divFactor, finalDivFactor, annealStrategy }) => {
    const first = maxLearningRate / divFactor;
    const [top, end] = [pctStart * totalSteps - 1, totalSteps - 1];
    const rises = step <= top;
    const fraction = rises ? (top === 0 ? 1 : step / top) : (Math.min(step, end) - top) / (end - top);
    const [from, to] = rises ? [first, maxLearningRate] : [maxLearningRate, first / finalDivFactor];
    const way = annealStrategy === "cos" ? (1 - Math.cos(Math.PI * fraction)) / 2 : fraction;
    return from + (to - from) * way;
  },
});
