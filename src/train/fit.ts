import { NacreError } from "../error.js";
import type { Dataset } from "../data/index.js";
import { foldIn, keyOf } from "../random/host.js";
import type { Callback, FitContext, History } from "./callback.js";
import { Feeder } from "./feeds.js";
import type { Objective } from "./objective.js";
import type { OptimizerState } from "./optimizerState.js";
import type { TrainPosition } from "./position.js";
import type { Stepper } from "./stepper.js";
import { type Logs, Totals } from "./totals.js";

/** What training works on: a compiled model, taken apart. */
export interface FitSubject {
  readonly model: FitContext["model"];
  readonly stepper: Stepper;
  readonly objective: Objective;
  readonly optimizer: OptimizerState;
  /** Where training stands; kept up to date so that a save at any moment can go on from there. */
  position: (() => TrainPosition) | undefined;
}

/** The settings of `fit`, complete. */
export interface FitSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly validation: Dataset | undefined;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly callbacks: readonly Callback[];
  readonly classWeight: Readonly<Record<number, number>> | undefined;
  readonly signal: AbortSignal | undefined;
  /** Where to go on from. */
  readonly from: TrainPosition | undefined;
}

/** The training loop: epochs of batches, each one program; everything else is a callback. */
export async function runFit(subject: FitSubject, data: Dataset, settings: FitSettings): Promise<History> {
  const { model, stepper, objective, optimizer } = subject;
  const { epochs, batchSize, seed, shuffle, callbacks, signal, from } = settings;
  const feeder = new Feeder(model, data, objective, settings.classWeight);
  const stepSeed = foldIn(keyOf(seed), "train");
  const history: Logs[] = from?.history.map((logs) => ({ ...logs })) ?? [];
  let stopped = from?.stopped;
  let epoch = from?.epoch ?? 0;
  let batch = 0;
  let totals = new Totals();
  const context: FitContext = {
    model,
    epochs,
    optimizer,
    stepsPerEpoch: data.length === undefined ? undefined : Math.ceil(data.length / batchSize),
    stop: (reason) => (stopped ??= reason),
  };
  for (const callback of callbacks) {
    const state = from?.callbacks[callback.name];
    if (state === undefined) callback.reset?.();
    else callback.restore?.(state);
  }
  subject.position = () => ({
    epoch,
    batch,
    seed,
    stopped,
    learningRate: optimizer.learningRate,
    totals: batch === 0 ? undefined : totals.state(),
    history,
    callbacks: Object.fromEntries(callbacks.flatMap((c) => (c.state === undefined ? [] : [[c.name, c.state()]]))),
  });
  for (const callback of callbacks) await callback.onTrainBegin?.(context);
  while (epoch < epochs && stopped === undefined) {
    const done = epoch === from?.epoch ? from.batch : 0;
    totals = new Totals();
    if (done > 0 && from?.totals !== undefined) totals.restore(from.totals);
    for (const callback of callbacks) await callback.onEpochBegin?.(epoch, context);
    batch = 0;
    for await (const rows of data.batches({ batchSize, epoch, seed, shuffle })) {
      if (batch++ < done) continue;
      const report = await stepper.train(objective, optimizer, feeder.step(rows), stepSeed);
      totals.add(report.values, report.layout, report.rows);
      for (const callback of callbacks) await callback.onBatchEnd?.(batch - 1, () => totals.results(), context);
      if (signal?.aborted === true) throw aborted(epoch, batch, signal);
      if (stopped !== undefined) break;
    }
    if (totals.rows === 0) throw noRows();
    const logs = totals.results();
    if (settings.validation !== undefined) {
      Object.assign(logs, await runEvaluate(subject, settings.validation, batchSize, "val_", signal));
    }
    history.push(logs);
    // From here on a checkpoint stands at the start of the next epoch.
    batch = 0;
    const ended = epoch++;
    for (const callback of callbacks) await callback.onEpochEnd?.(ended, logs, context);
  }
  const result = historyOf(history, stopped);
  for (const callback of callbacks) await callback.onTrainEnd?.(result, context);
  return result;
}

/** Loss and metrics over a dataset. */
export async function runEvaluate(
  subject: FitSubject,
  data: Dataset,
  batchSize: number,
  prefix = "",
  signal?: AbortSignal,
): Promise<Logs> {
  const feeder = new Feeder(subject.model, data, subject.objective);
  const totals = new Totals();
  for await (const rows of data.batches({ batchSize })) {
    const report = await subject.stepper.test(subject.objective, feeder.step(rows));
    totals.add(report.values, report.layout, report.rows);
    if (signal?.aborted === true) throw aborted(0, 0, signal);
  }
  if (totals.rows === 0) throw noRows();
  return totals.results(prefix);
}

function historyOf(history: readonly Logs[], stopped: string | undefined): History {
  const names = [...new Set(history.flatMap((logs) => Object.keys(logs)))];
  return {
    epochs: history.map((_, i) => i),
    logs: Object.fromEntries(names.map((name) => [name, history.map((logs) => logs[name] ?? Number.NaN)])),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

function aborted(epoch: number, batch: number, signal: AbortSignal): NacreError {
  return new NacreError({
    code: "ABORTED",
    where: `fit, epoch ${epoch + 1}, after batch ${batch}`,
    expected: "to finish",
    received: "an abort",
    fix: "save the model now and call fit with resume: true later, to go on from this very step",
    cause: signal.reason,
  });
}

function noRows(): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: "fit",
    expected: "at least one row",
    received: "an empty dataset",
    fix: "check filters and splits; dataset.length tells how many rows are left",
  });
}
