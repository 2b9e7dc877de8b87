import { badOption } from "../options.js";
import { defineSchedule } from "./schedule.js";

/** Options of {@link piecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** The last step of each value but the last, rising. */
  readonly boundaries: readonly number[];
  /** One rate more than there are boundaries. */
  readonly values: readonly number[];
}

/**
 * values[i] up to and including step boundaries[i].
 *
 * @throws BAD_ARGUMENT when there is not one value more than boundaries
 * @example
 * schedules.piecewiseConstantDecay({ boundaries: [100, 200], values: [0.1, 0.01, 0.001] }).at(150); // 0.01
 */
export const piecewiseConstantDecay = defineSchedule<PiecewiseConstantDecayOptions>({
  className: "PiecewiseConstantDecay",
  required: ["boundaries", "values"],
  defaults: {},
  check: ({ boundaries, values }, where) => {
    if (values.length === boundaries.length + 1) return;
    throw badOption(where, "values", `${boundaries.length + 1} rates`, values);
  },
  at: (step, { boundaries, values }) => {
    const i = boundaries.findIndex((boundary) => step <= boundary);
    return values.at(i)!;
  },
});
