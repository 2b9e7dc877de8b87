import type { Dataset } from "../data/index.js";
import { checkOptions, wrongKind } from "../error.js";
import { badOption } from "../options.js";
import { type ArraySet, toDataset } from "./fitData.js";
import { Model } from "./model.js";

/** Options of {@link findLearningRate}. */
export interface FindLearningRateOptions {
  /** The first rate, above 0. Default 1e-7. */
  readonly min?: number;
  /** The last rate, above `min`. Default 10. */
  readonly max?: number;
  /** Batches from the first rate to the last, at least 10. Default 100. */
  readonly steps?: number;
  /** How much of the average loss stays at each step, from 0 to below 1. Default 0.8. */
  readonly smoothing?: number;
  /** Rows in a step. Default: what the dataset's `batch` set, else 32. */
  readonly batchSize?: number;
  /** As in `fit`: of the order of rows, dropout and, where the model has none yet, the first weights. Default 0. */
  readonly seed?: number;
  /** Ends the search early. Default none. */
  readonly signal?: AbortSignal;
}

/** What {@link findLearningRate} saw, step by step. */
export interface LearningRateCurve {
  readonly learningRates: readonly number[];
  readonly losses: readonly number[];
  readonly smoothed: readonly number[];
  /** The rate at which the smoothed loss falls fastest; undefined where it never falls. */
  readonly suggestion: number | undefined;
}

/**
 * Looks for a learning rate: trains on batch after batch while the rate grows, learningRate = min ·
 * (max / min)^(step / (steps − 1)), until the loss blows up, and suggests the rate at which it fell
 * fastest. The model is left as it was.
 *
 * @throws NOT_COMPILED before `compile`
 * @source Smith 2017, Cyclical Learning Rates
 * @example
 * const { suggestion = 0.001 } = await findLearningRate(model, train, { min: 1e-5, max: 1, steps: 50 });
 * model.compile({ optimizer: optimizers.adam({ learningRate: suggestion }), loss: "sparseCategoricalCrossentropy" });
 */
export async function findLearningRate(model: Model, data: Dataset | ArraySet, options: FindLearningRateOptions = {}): Promise<LearningRateCurve> {
  const where = "findLearningRate";
  if (!(model instanceof Model)) throw wrongKind(where, "a model", model);
  checkOptions(where, options, ["min", "max", "steps", "smoothing", "batchSize", "seed", "signal"]);
  const { min = 1e-7, max = 10, steps = 100, smoothing = 0.8 } = options;
  if (!(min > 0 && Number.isFinite(min))) throw badOption(where, "min", "a number above 0", min);
  if (!(max > min && Number.isFinite(max))) throw badOption(where, "max", `a number above min, ${min}`, max);
  if (!(Number.isInteger(steps) && steps >= 10)) throw badOption(where, "steps", "a whole number of at least 10", steps);
  if (!(smoothing >= 0 && smoothing < 1)) throw badOption(where, "smoothing", "a number from 0 to below 1", smoothing);
  const { ramp } = await import("./trial/ramp.js");
  return ramp(model, toDataset(where, data, model.inputNames), { ...options, min, max, steps, smoothing });
}
