import type { Dataset } from "../../data/index.js";
import type { Model } from "../model.js";
import type { OverfitOptions, OverfitResult } from "../overfitOneBatch.js";
import { trial } from "./trial.js";

/** Trains on one batch of the data over and over, and judges whether it was learned by heart. */
export async function memorise(
  model: Model,
  data: Dataset,
  options: OverfitOptions & Required<Pick<OverfitOptions, "steps" | "tolerance">>,
): Promise<OverfitResult> {
  const { steps, tolerance, batchSize = model.batchSize ?? data.batchSize, seed = 0, keep = false, signal } = options;
  // Drawn, as the first rows may all be of one class; kept, as every update shall see the same.
  const rows = await (data.inMemory ? data.shuffle({ seed }) : data).take(batchSize).cache();
  const losses: number[] = [];
  const results = await trial(
    model,
    rows,
    { batchSize, epochs: steps, seed, shuffle: false, keep, ...(signal === undefined ? {} : { signal }), onBatch: (loss) => void losses.push(loss) },
    () => model.evaluate(rows, { batchSize }),
  );
  const first = losses[0]!;
  const last = Math.min(losses.at(-1)!, results.loss);
  const memorised = last <= tolerance * first;
  const course = `on ${rows.length} rows the loss went from ${first.toPrecision(3)} to ${last.toPrecision(3)} in ${steps} steps`;
  return { memorised, losses, results, message: memorised ? `The network learns a batch by heart: ${course}.` : `${course}. ${advice(model, losses)}` };
}

/** What to look at first. */
function advice(model: Model, losses: readonly number[]): string {
  const [first, last] = [losses[0]!, losses.at(-1)!];
  if (model.trainableVariables.length < model.variables.filter(({ trainable }) => trainable).length) {
    return "Layers are frozen: unfreeze them, unless the rest should suffice.";
  }
  if (last < 0.7 * first) return "It is falling: give it more steps, or a higher learning rate; dropout and regularizers slow it down.";
  if (last > 1.3 * first) return "It is rising: lower the learning rate.";
  return "It hardly moves: check that the loss fits the last activation (fromLogits), that labels belong to their rows, and the learning rate by findLearningRate.";
}
