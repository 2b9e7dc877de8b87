import { badOption } from "../../options.js";
import type { Callback, FitContext } from "../callback.js";

/** The rate of the next step, whoever set it. */
export function currentRate({ optimizer }: FitContext): number {
  return optimizer.optimizer.scalars(optimizer.step, optimizer.learningRate)["learningRate"]!;
}

/** Refuses an optimizer whose rate follows a schedule, which a rate set by a callback would silently end. */
export function requirePlainRate(where: string, { optimizer: { optimizer } }: FitContext): void {
  if (typeof optimizer.learningRate === "number") return;
  throw badOption(`${where}, optimizer`, "learningRate", "a number, as the callback sets the rate", optimizer.learningRate.className);
}

/**
 * Sets the learning rate at the beginning of each epoch to what a function of the epoch, counted
 * from 0, and of the rate so far gives.
 *
 * @throws BAD_ARGUMENT when the function gives no number of at least 0, or the optimizer has a schedule
 * @example
 * const halving = callbacks.learningRateScheduler((epoch, rate) => (epoch > 0 && epoch % 10 === 0 ? rate / 2 : rate));
 * await model.fit(train, { epochs: 30, callbacks: [halving] });
 */
export function learningRateScheduler(schedule: (epoch: number, rate: number) => number): Callback {
  const where = "learningRateScheduler";
  if (typeof schedule !== "function") throw badOption(where, "schedule", "a function of epoch and rate", schedule);
  /** The epoch whose rate is set; resuming in its middle begins it again. */
  let done = -1;
  return {
    name: where,
    reset: () => void (done = -1),
    onTrainBegin: (context) => requirePlainRate(where, context),
    onEpochBegin(epoch, context) {
      if (epoch === done) return;
      done = epoch;
      const rate = schedule(epoch, currentRate(context));
      if (!(Number.isFinite(rate) && rate >= 0)) throw badOption(where, "schedule", "a function that gives a number of at least 0", rate);
      context.optimizer.learningRate = rate;
    },
    state: () => ({ values: { done } }),
    restore: ({ values }) => void (done = values["done"] as number),
  };
}
