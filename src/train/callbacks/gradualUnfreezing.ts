import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import type { Callback } from "../callback.js";
import { setTrainable } from "../freeze.js";
import type { PathPattern } from "../pattern.js";

/** Options of {@link gradualUnfreezing}. */
export interface GradualUnfreezingOptions {
  /** Which layers are freed together, first those to be freed first: mostly those nearest to the output. */
  readonly stages: readonly PathPattern[];
  /** Epochs from one stage to the next, at least 1. Default 1. */
  readonly every?: number;
  /** The epoch, counted from 0, in which the first stage is free. Default: what `every` says. */
  readonly start?: number;
}

/**
 * Fine-tunes a trained model from its end: the layers of all stages are frozen at first, and freed
 * stage by stage. Layers of no stage are left as they are.
 *
 * @throws UNKNOWN_NAME when a stage means no layer
 * @source Howard, Ruder 2018, Universal Language Model Fine-tuning
 * @example
 * const body = sequential([layers.input([64]), layers.dense({ units: 16, name: "low" }), layers.dense({ units: 16, name: "high" })]);
 * const net = sequential([layers.input([8, 8, 1]), layers.flatten(), body, layers.dense({ units: 10, activation: "softmax" })]);
 * net.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
 * const unfreezing = callbacks.gradualUnfreezing({ stages: [/high$/, /low$/], every: 2 });
 * await net.fit(train, { epochs: 5, callbacks: [unfreezing] });
 */
export function gradualUnfreezing(options: GradualUnfreezingOptions): Callback {
  const where = "gradualUnfreezing";
  checkOptions(where, options, ["stages", "every", "start"]);
  const { stages, every = 1, start = every } = options;
  if (!Array.isArray(stages) || stages.length === 0) throw badOption(where, "stages", "at least one pattern", stages);
  if (!(Number.isInteger(every) && every >= 1)) throw badOption(where, "every", "a whole number of at least 1", every);
  if (!(Number.isInteger(start) && start >= 0)) throw badOption(where, "start", "a whole number of at least 0", start);
  return {
    name: where,
    // Follows from the epoch alone, so that there is nothing to remember.
    onEpochBegin(epoch, { model }) {
      const free = stages.filter((_, i) => start + i * every <= epoch);
      for (const stage of stages) setTrainable(where, model, stage, false);
      for (const stage of free) setTrainable(where, model, stage, true);
    },
  };
}
