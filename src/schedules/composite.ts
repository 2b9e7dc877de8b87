import { badOption } from "../options.js";
import type { Serialized } from "../registry.js";
import { defineSchedule, registry, type Schedule } from "./schedule.js";

/** A schedule, its stored form, or a rate that stays. */
type Rate = Schedule | Serialized | number;

/** Options of {@link warmUp}. */
export interface WarmUpOptions {
  /** Steps of warm-up, above 0. */
  readonly steps: number;
  /** What follows: a schedule, which starts at its step 0 then, or a rate. */
  readonly schedule: Rate;
  /** The rate at step 0. Default 0. */
  readonly initialLearningRate?: number;
}

/**
 * Straight from a small rate to where the next schedule begins, then that schedule.
 *
 * @throws BAD_ARGUMENT when an option is missing or steps is not above 0
 * @example
 * const decay = schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 1000, decayRate: 0.9 });
 * schedules.warmUp({ steps: 100, schedule: decay }).at(50); // 0.005
 */
export const warmUp: (options: WarmUpOptions) => Schedule = defineSchedule<WarmUpOptions>({
  className: "WarmUp",
  required: ["steps", "schedule"],
  defaults: { initialLearningRate: 0 },
  positive: ["steps"],
  store: (config) => ({ ...config, schedule: stored(config.schedule) }),
  at: (step, { steps, schedule, initialLearningRate }) =>
    step >= steps ? rateAt(schedule, step - steps) : initialLearningRate + (rateAt(schedule, 0) - initialLearningRate) * (step / steps),
});

/** Options of {@link sequential}. */
export interface SequentialOptions {
  /** Schedules or rates, one after another; each schedule starts at its step 0. */
  readonly schedules: readonly Rate[];
  /** The steps at which the second and later ones begin, rising. */
  readonly milestones: readonly number[];
}

/**
 * Schedules one after another.
 *
 * @throws BAD_ARGUMENT when there is not one milestone less than schedules
 * @example
 * const decay = schedules.cosineDecay({ initialLearningRate: 0.01, decaySteps: 900 });
 * schedules.sequential({ schedules: [0.001, decay], milestones: [100] }).at(100); // 0.01
 */
export const sequential: (options: SequentialOptions) => Schedule = defineSchedule<SequentialOptions>({
  className: "Sequential",
  required: ["schedules", "milestones"],
  defaults: {},
  check: ({ schedules, milestones }, where) => {
    if (!Array.isArray(schedules) || schedules.length === 0) throw badOption(where, "schedules", "at least one schedule", schedules);
    const rising = Array.isArray(milestones) && milestones.every((at, i) => at > (i === 0 ? 0 : (milestones[i - 1] as number)));
    if (!rising || milestones.length !== schedules.length - 1) {
      throw badOption(where, "milestones", `${schedules.length - 1} rising steps above 0`, milestones);
    }
  },
  store: (config) => ({ ...config, schedules: config.schedules.map(stored) }),
  at: (step, { schedules, milestones }) => {
    const place = milestones.filter((at) => at <= step).length;
    return rateAt(schedules[place]!, step - (place === 0 ? 0 : milestones[place - 1]!));
  },
});

function rateAt(rate: Rate, step: number): number {
  return typeof rate === "number" ? rate : registry.get(rate).at(step);
}

function stored(rate: Rate): Serialized | number {
  return typeof rate === "number" ? rate : registry.serialize(registry.get(rate));
}
