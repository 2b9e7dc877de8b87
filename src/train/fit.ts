import { NacreError } from "../error.js";
import type { Batch, BatchMemory, Dataset } from "../data/index.js";
import { type Callback, callbackKeys, type CallbackState, type FitContext, type History } from "./callback.js";
import { runEvaluate } from "./evaluate.js";
import { Feeder, noRows, type StepData } from "./feeds.js";
import type { Inspection } from "./inspection.js";
import type { Key } from "../random/host.js";
import type { TrainPosition } from "./position.js";
import { type FitSubject, stepSeed } from "./subject.js";
import { type Logs, Totals } from "./totals.js";

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
  const training = new Training(subject, data, settings);
  subject.track(() => training.position());
  try {
    return await training.run();
  } catch (error) {
    for (const callback of settings.callbacks) callback.onTrainFail?.(error);
    throw error;
  } finally {
    // What callbacks do after this training is no part of where it stands.
    const last = training.position();
    subject.track(() => last);
  }
}

/** One `fit` under way. */
class Training {
  readonly #subject: FitSubject;
  readonly #data: Dataset;
  readonly #settings: FitSettings;
  readonly #feeder: Feeder;
  readonly #context: FitContext;
  readonly #keys: readonly string[];
  readonly #history: Logs[];
  /** Files to write once every callback has seen the batch or epoch. */
  readonly #saves: string[] = [];
  #stopped: string | undefined;
  #epoch: number;
  /** Batches of the epoch under way that are done. */
  #batch: number;
  #totals: Totals;
  #batchLoss = Number.NaN;
  #dataWait = 0;
  /** Steps copy their batch, so that all of them lie in the same place. */
  readonly #memory: BatchMemory = new Map();

  constructor(subject: FitSubject, data: Dataset, settings: FitSettings) {
    const { epochs, batchSize, callbacks, classWeight, from } = settings;
    this.#subject = subject;
    this.#data = data;
    this.#settings = settings;
    this.#feeder = new Feeder(subject.model, data, subject.objective, classWeight);
    this.#keys = callbackKeys(callbacks);
    this.#history = from?.history.map((logs) => ({ ...logs })) ?? [];
    this.#stopped = from?.stopped;
    this.#epoch = from?.epoch ?? 0;
    this.#batch = from?.batch ?? 0;
    this.#totals = new Totals(from?.totals);
    const batchLoss = (): number => this.#batchLoss;
    const dataWait = (): number => this.#dataWait;
    this.#context = {
      get batchLoss() {
        return batchLoss();
      },
      get dataWait() {
        return dataWait();
      },
      model: subject.model,
      epochs,
      optimizer: subject.optimizer,
      stepsPerEpoch: data.batchCount(batchSize),
      validates: settings.validation !== undefined,
      stop: (reason) => (this.#stopped ??= reason),
      save: (path) => void this.#saves.push(path),
    };
    callbacks.forEach((callback, i) => {
      const state = from?.callbacks[this.#keys[i]!];
      if (state === undefined) callback.reset?.();
      else restore(callback, state);
    });
  }

  position(): TrainPosition {
    const { batchSize, seed, callbacks } = this.#settings;
    return {
      epoch: this.#epoch,
      batch: this.#batch,
      batchSize,
      seed,
      stopped: this.#stopped,
      totals: this.#batch === 0 ? undefined : this.#totals.state(),
      history: this.#history.map((logs) => ({ ...logs })),
      callbacks: Object.fromEntries(
        callbacks.flatMap((callback, i) => (callback.state === undefined ? [] : [[this.#keys[i]!, callback.state()]])),
      ),
    };
  }

  async run(): Promise<History> {
    await this.#tell((callback) => callback.onTrainBegin?.(this.#context));
    // Batches that were done when training stopped are the start of an epoch yet to be judged.
    while (this.#epoch < this.#settings.epochs && (this.#stopped === undefined || this.#batch > 0)) {
      this.#checkAbort();
      await this.#tell((callback) => callback.onEpochBegin?.(this.#epoch, this.#context));
      await this.#trainEpoch();
      if (this.#totals.rows > 0) await this.#endEpoch();
      else if (this.#stopped === undefined) throw noRows("fit");
    }
    // As in Keras: what was trained with averaging ends with the averages.
    await this.#subject.optimizer.adoptAverages(this.#subject.model.trainableVariables);
    const history = historyOf(this.#history, this.#stopped);
    await this.#tell((callback) => callback.onTrainEnd?.(history, this.#context));
    return history;
  }

  async #trainEpoch(): Promise<void> {
    const { stepper, objective, optimizer } = this.#subject;
    const { batchSize, seed, shuffle } = this.#settings;
    const key = stepSeed(seed);
    const done = this.#batch;
    let seen = 0;
    let skipped: Batch | undefined;
    const begin = performance.now();
    let waited = 0;
    let asked = begin;
    for await (const batch of this.#data.batches({ batchSize, epoch: this.#epoch, seed, shuffle, memory: this.#memory })) {
      waited += performance.now() - asked;
      if (seen++ < done) {
        skipped = batch;
        asked = performance.now();
        continue;
      }
      if (this.#stopped !== undefined) break;
      const data = this.#feeder.step(batch);
      const inspection = await this.#inspect(data, key);
      await stepper.train(objective, optimizer, data, key, (report) => {
        this.#totals.add(report);
        this.#batchLoss = report.values[0]!;
        this.#batch++;
      });
      if (inspection !== undefined) await this.#tell((callback) => callback.onInspected?.(inspection, this.#context));
      await this.#tell((callback) => callback.onBatchEnd?.(this.#batch - 1, () => this.#totals.results(), this.#context));
      this.#checkAbort();
      asked = performance.now();
    }
    this.#dataWait = waited / (performance.now() - begin);
    if (seen < done) throw otherData(this.#epoch, done, seen);
    if (skipped !== undefined && this.#batch === done) {
      this.#totals.expect(await stepper.layout(objective, optimizer, this.#feeder.step(skipped)));
    }
  }

  /** Looks into the step to come, when a callback asks for it. */
  async #inspect(data: StepData, key: Key): Promise<Inspection | undefined> {
    const { stepper, objective, optimizer } = this.#subject;
    const asked = this.#settings.callbacks.some(({ inspectEvery }) => inspectEvery !== undefined && optimizer.step % inspectEvery === 0);
    if (!asked) return undefined;
    await this.#tell((callback) => callback.onBeforeInspected?.(this.#context));
    return stepper.inspect(objective, optimizer.step, data, key);
  }

  async #endEpoch(): Promise<void> {
    const { validation } = this.#settings;
    const logs = this.#totals.results();
    if (validation !== undefined) Object.assign(logs, await this.#validate(validation));
    this.#history.push(logs);
    // From here on training stands at the start of the next epoch.
    const ended = this.#epoch++;
    this.#batch = 0;
    this.#totals = new Totals();
    await this.#tell((callback) => callback.onEpochEnd?.(ended, logs, this.#context));
  }

  async #validate(data: Dataset): Promise<Logs> {
    await this.#tell((callback) => callback.onTestBegin?.(this.#context));
    try {
      const { batchSize } = this.#settings;
      return await runEvaluate(this.#subject, data, { batchSize, prefix: "val_", onBatch: () => this.#checkAbort() });
    } finally {
      await this.#tell((callback) => callback.onTestEnd?.(this.#context));
    }
  }

  /** Calls all callbacks in turn, then writes the files that they asked for. */
  async #tell(call: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#settings.callbacks) await call(callback);
    for (const path of this.#saves.splice(0)) await this.#subject.model.save(path);
  }

  #checkAbort(): void {
    const { signal } = this.#settings;
    if (signal?.aborted === true) throw aborted(this.#epoch, this.#batch, signal);
  }
}

function restore(callback: Callback, state: CallbackState): void {
  try {
    callback.restore?.(state);
  } catch (cause) {
    throw new NacreError({
      code: "BAD_FILE",
      where: `fit resume, callback "${callback.name}"`,
      expected: "a state as the callback stored it",
      received: "one that it cannot restore",
      fix: "pass the callbacks with which this training began, or resume: false to start anew",
      cause,
    });
  }
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

function otherData(epoch: number, done: number, seen: number): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: `fit resume, epoch ${epoch + 1}`,
    expected: `the data that training began with, of which ${done} batches are done`,
    received: `${seen} batches`,
    fix: "pass the same data and options, or resume: false to start anew",
  });
}
