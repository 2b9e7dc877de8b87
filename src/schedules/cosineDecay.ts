import { defineSchedule } from "./schedule.js";

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The rate at step 0. */
  readonly initialLearningRate: number;
  /** Steps from the peak down to the end, above 0. */
  readonly decaySteps: number;
  /** The last rate as a share of the peak. Default 0. */
  readonly alpha?: number;
  /** The rate that a linear warm-up reaches; null for no warm-up. Default null. */
  readonly warmupTarget?: number | null;
  /** Steps of warm-up, before the decay. Default 0. */
  readonly warmupSteps?: number;
}

/** From 1 to 0 along half a cosine. */
function halfCosine(fraction: number): number {
  return 0.5 * (1 + Math.cos(Math.PI * fraction));
}

/**
 * A linear warm-up, then half a cosine from the peak to alpha · peak.
 *
 * @throws BAD_ARGUMENT when an option is missing or decaySteps is not above 0
 * @example
 * schedules.cosineDecay({ initialLearningRate: 0, warmupTarget: 0.01, warmupSteps: 100, decaySteps: 900 });
 */
export const cosineDecay = defineSchedule<CosineDecayOptions>({
  className: "CosineDecay",
  required: ["initialLearningRate", "decaySteps"],
  defaults: { alpha: 0, warmupTarget: null, warmupSteps: 0 },
  positive: ["decaySteps"],
  at: (step, { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) => {
    const warmup = warmupTarget === null ? 0 : warmupSteps;
    const peak = warmupTarget ?? initialLearningRate;
    if (step < warmup) return initialLearningRate + (peak - initialLearningRate) * (step / warmup);
    const fraction = Math.min(step - warmup, decaySteps) / decaySteps;
    return peak * ((1 - alpha) * halfCosine(fraction) + alpha);
  },
});

/** Options of {@link cosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate at step 0. */
  readonly initialLearningRate: number;
  /** Steps of the first period, above 0. */
  readonly firstDecaySteps: number;
  /** How much longer each period is than the last, at least 1. Default 2. */
  readonly tMul?: number;
  /** How much lower each restart is than the last. Default 1. */
  readonly mMul?: number;
  /** The lowest rate as a share of the first. Default 0. */
  readonly alpha?: number;
}

/**
 * Half cosines one after another, each starting again at the top.
 *
 * @throws BAD_ARGUMENT when an option is missing or not above 0
 * @example
 * schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 100 });
 */
export const cosineDecayRestarts = defineSchedule<CosineDecayRestartsOptions>({
  className: "CosineDecayRestarts",
  required: ["initialLearningRate", "firstDecaySteps"],
  defaults: { tMul: 2, mMul: 1, alpha: 0 },
  positive: ["firstDecaySteps", "tMul"],
  at: (step, { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) => {
    const { restarts, fraction } = period(step / firstDecaySteps, tMul);
    return initialLearningRate * ((1 - alpha) * mMul ** restarts * halfCosine(fraction) + alpha);
  },
});

/** Which period `passed` lies in, in lengths of the first, and how far it has gone. */
function period(passed: number, tMul: number): { restarts: number; fraction: number } {
  if (tMul === 1) return { restarts: Math.floor(passed), fraction: passed - Math.floor(passed) };
  let restarts = 0;
  let length = 1;
  let rest = passed;
  // Counting and not a logarithm, whose rounding would miss the very step of a restart.
  while (rest >= length && length > 1e-9) {
    rest -= length;
    length *= tMul;
    restarts++;
  }
  return { restarts, fraction: rest / length };
}
