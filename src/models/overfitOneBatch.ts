import type { Dataset } from "../data/index.js";
import { checkOptions, wrongKind } from "../error.js";
import { badOption } from "../options.js";
import { type ArraySet, toDataset } from "./fitData.js";
import { Model } from "./model.js";

/** Options of {@link overfitOneBatch}. */
export interface OverfitOptions {
  /** Updates on the batch, at least 1. Default 200. */
  readonly steps?: number;
  /** Rows of the batch. Default: what the dataset's `batch` set, else 32. */
  readonly batchSize?: number;
  /** What share of the first loss counts as learned by heart, above 0 and below 1. Default 0.05. */
  readonly tolerance?: number;
  /** Whether the model keeps what it learned. Default false. */
  readonly keep?: boolean;
  /** As in `fit`; it also draws the rows. Default 0. */
  readonly seed?: number;
  /** Ends training early. Default none. */
  readonly signal?: AbortSignal;
}

/** What {@link overfitOneBatch} found. */
export interface OverfitResult {
  /** Whether the loss fell to `tolerance` of the first one, in training or in the evaluation after it. */
  readonly memorised: boolean;
  /** Of each update. */
  readonly losses: readonly number[];
  /** What `evaluate` gives for the batch after the last update. */
  readonly results: Readonly<Record<string, number>>;
  /** The finding in words, with what to look at. */
  readonly message: string;
}

/**
 * Trains on one batch over and over: a network that cannot learn a few rows by heart has a mistake
 * in its layers, loss, labels or learning rate. The model is left as it was.
 *
 * @throws NOT_COMPILED before `compile`
 * @throws NON_FINITE when the loss is no number, naming the layer where that began
 * @example
 * const { memorised, message } = await overfitOneBatch(model, train, { steps: 100 });
 * if (!memorised) console.warn(message);
 */
export async function overfitOneBatch(model: Model, data: Dataset | ArraySet, options: OverfitOptions = {}): Promise<OverfitResult> {
  const where = "overfitOneBatch";
  if (!(model instanceof Model)) throw wrongKind(where, "a model", model);
  checkOptions(where, options, ["steps", "batchSize", "tolerance", "keep", "seed", "signal"]);
  const { steps = 200, tolerance = 0.05 } = options;
  if (!(Number.isInteger(steps) && steps >= 1)) throw badOption(where, "steps", "a whole number of at least 1", steps);
  if (!(tolerance > 0 && tolerance < 1)) throw badOption(where, "tolerance", "a number above 0 and below 1", tolerance);
  const { memorise } = await import("./trial/memorise.js");
  return memorise(model, toDataset(where, data, model.inputNames), { ...options, steps, tolerance });
}
