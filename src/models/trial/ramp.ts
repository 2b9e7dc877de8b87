import type { Dataset } from "../../data/index.js";
import { NacreError } from "../../error.js";
import type { FindLearningRateOptions, LearningRateCurve } from "../findLearningRate.js";
import type { Model } from "../model.js";
import { trial } from "./trial.js";

/** A smoothed loss this many times the best one has left the way down. */
const DIVERGED = 4;

/** Trains with a rate that grows from step to step, and reads the best one off the losses. */
export async function ramp(
  model: Model,
  data: Dataset,
  options: FindLearningRateOptions & Required<Pick<FindLearningRateOptions, "min" | "max" | "steps" | "smoothing">>,
): Promise<LearningRateCurve> {
  const { min, max, steps, smoothing, ...fit } = options;
  const rateAt = (step: number): number => min * (max / min) ** (step / (steps - 1));
  const losses: number[] = [];
  let average = 0;
  let best = Infinity;
  const training = trial(
    model,
    data,
    {
      ...fit,
      epochs: Number.MAX_SAFE_INTEGER,
      onBegin: ({ optimizer }) => void (optimizer.learningRate = min),
      onBatch(loss, context) {
        losses.push(loss);
        average = smoothing * average + (1 - smoothing) * loss;
        const smooth = average / (1 - smoothing ** losses.length);
        best = Math.min(best, smooth);
        if (losses.length === steps || smooth > DIVERGED * best) context.stop("the ramp is at its end");
        else context.optimizer.learningRate = rateAt(losses.length);
      },
    },
    () => Promise.resolve(),
  );
  // A loss that is no number ends the ramp like one that is too large.
  await training.catch((error: unknown) => {
    if (!(error instanceof NacreError && error.code === "NON_FINITE" && losses.length > 0)) throw error;
  });
  const learningRates = losses.map((_, step) => rateAt(step));
  const smoothed = bothWays(losses, smoothing);
  return { learningRates, losses, smoothed, suggestion: steepest(learningRates, smoothed) };
}

/** Averages forwards and then backwards, so that nothing is shifted to later steps. */
function bothWays(values: readonly number[], smoothing: number): number[] {
  const forwards = (list: readonly number[]): number[] => {
    let average = 0;
    return list.map((value, i) => {
      average = smoothing * average + (1 - smoothing) * value;
      return average / (1 - smoothing ** (i + 1));
    });
  };
  return forwards(forwards(values).toReversed()).toReversed();
}

/** Where the loss falls fastest over the logarithm of the rate, on its way down to its least value. */
function steepest(rates: readonly number[], losses: readonly number[]): number | undefined {
  const bottom = losses.indexOf(Math.min(...losses));
  let place: number | undefined;
  let slope = 0;
  for (let i = 1; i < bottom; i++) {
    const change = losses[i + 1]! - losses[i - 1]!;
    if (change < slope) [slope, place] = [change, i];
  }
  return place === undefined ? undefined : rates[place];
}
