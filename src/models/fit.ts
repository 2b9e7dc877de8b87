import type { Dataset } from "../data/index.js";
import type { History } from "../train/callback.js";
import { progress } from "../train/callbacks/progress.js";
import { runFit } from "../train/fit.js";
import type { FitSubject } from "../train/subject.js";
import { checkResume, checkVerbose, checkWhole } from "./fitChecks.js";
import { splitValidation } from "./fitData.js";
import type { Model } from "./model.js";
import type { FitOptions } from "./options.js";
import { restoredBy } from "./restore.js";

/** Fills in what `fit` was not told, and trains. */
export async function fitModel(model: Model, subject: FitSubject, data: Dataset, options: FitOptions): Promise<History> {
  const { epochs = 1, shuffle = true, seed = 0, verbose = "auto", resume = false, callbacks = [], batchSize = model.batchSize ?? data.batchSize } = options;
  checkWhole("epochs", epochs);
  checkWhole("batchSize", batchSize);
  checkVerbose(verbose);
  const from = (await restoredBy(model, callbacks, resume)) || resume ? model.position?.() : undefined;
  if (from !== undefined) checkResume(from, seed, batchSize);
  const { classifies } = subject.objective;
  const { inputNames } = model;
  const { train, validation } = await splitValidation(data, options.validation, { seed, classifies, inputNames });
  model.initialize(seed);
  return runFit(subject, train, {
    epochs,
    batchSize,
    shuffle,
    seed,
    validation,
    callbacks: [...(verbose === "silent" ? [] : [progress()]), ...callbacks],
    classWeight: options.classWeight,
    signal: options.signal,
    from,
  });
}
