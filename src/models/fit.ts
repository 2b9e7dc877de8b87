import type { Dataset } from "../data/index.js";
import { NacreError } from "../error.js";
import type { History } from "../train/callback.js";
import { progress } from "../train/callbacks/progress.js";
import { runFit } from "../train/fit.js";
import type { Objective } from "../train/objective.js";
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
  checkHeads(model, subject.objective);
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

/** Refuses the softmax of a single unit, which is 1 whatever the weights are: nothing would be learned, without a word. */
function checkHeads(model: Model, { goals }: Objective): void {
  for (const [i, { origin, shape }] of model.outputs.entries()) {
    const { activation } = (origin?.layer.config ?? {}) as { readonly activation?: { readonly name?: string } | null };
    if (goals[i]?.loss === undefined || shape.at(-1) !== 1 || activation?.name !== "softmax") continue;
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `${model.where}, output "${model.outputNames[i]}"`,
      expected: "softmax over two or more units",
      received: "softmax of one, which is always 1",
      fix: 'for two classes take layers.dense({ units: 1, activation: "sigmoid" }) with binaryCrossentropy',
    });
  }
}
