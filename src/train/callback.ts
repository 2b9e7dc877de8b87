import type { StoredTensor } from "../files/safetensors.js";
import type { Inspection } from "./inspection.js";
import type { OptimizerState } from "./optimizerState.js";
import type { Logs } from "./totals.js";
import type { Trainable } from "./trainable.js";

/** What a callback may see and do during `fit`. */
export interface FitContext {
  readonly model: Trainable & { save(path: string): Promise<void>; saveWeights(path: string): Promise<void> };
  readonly epochs: number;
  /** Batches in an epoch, where the data tell. */
  readonly stepsPerEpoch: number | undefined;
  /** Whether a validation ends each epoch. */
  readonly validates: boolean;
  /** The loss of the latest batch alone, before its update; NaN before the first. */
  readonly batchLoss: number;
  /** The share of the latest epoch's time that steps waited for data, from 0 to 1; 0 before the first. */
  readonly dataWait: number;
  /** Set it to override the learning rate from the next step on. */
  readonly optimizer: OptimizerState;
  /** Ends training after the current epoch, or batch when called in `onBatchEnd`. */
  stop(reason: string): void;
  /**
   * Saves the model once all callbacks have seen this batch or epoch, so that the file holds
   * what each of them remembers of it.
   */
  save(path: string): void;
}

/** What a callback must remember for training to go on as if never interrupted. */
export interface CallbackState {
  /** Plain JSON. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly tensors?: ReadonlyMap<string, StoredTensor>;
}

/**
 * Something that happens alongside training. Every method is optional; a returned promise is
 * waited for.
 *
 * @example
 * const shout: Callback = {
 *   name: "shout",
 *   onEpochEnd: (epoch, logs) => console.log(`EPOCH ${epoch}: ${logs.loss}`),
 * };
 */
export interface Callback {
  /** Under which a checkpoint keeps its state; callbacks of one name are told apart by their order. */
  readonly name: string;
  /** Forgets what an earlier `fit` left; called at the start of one that does not resume. */
  reset?(): void;
  /** A checkpoint of this model that training shall go on from, asked for before it begins; undefined to begin as `fit` would. */
  restorePoint?(): Promise<Uint8Array | undefined>;
  onTrainBegin?(context: FitContext): void | Promise<void>;
  onEpochBegin?(epoch: number, context: FitContext): void | Promise<void>;
  /** `logs` are the running results of this epoch. */
  onBatchEnd?(batch: number, logs: () => Logs, context: FitContext): void | Promise<void>;
  /** Looks into every so many steps, which then take twice as long: see `onInspected`. */
  readonly inspectEvery?: number;
  /** Before a step that is looked into. */
  onBeforeInspected?(context: FitContext): void | Promise<void>;
  /** After such a step: what its gradients and activations were. */
  onInspected?(inspection: Inspection, context: FitContext): void | Promise<void>;
  /** Before the validation of an epoch. */
  onTestBegin?(context: FitContext): void | Promise<void>;
  /** After the validation of an epoch, even one that failed. */
  onTestEnd?(context: FitContext): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, context: FitContext): void | Promise<void>;
  /** Also called when training was stopped; not when it failed or was aborted. */
  onTrainEnd?(history: History, context: FitContext): void | Promise<void>;
  /** Called when training failed or was aborted, before `fit` throws the error. It must not throw one itself. */
  onTrainFail?(error: unknown): void;
  /** What to store in a checkpoint. */
  state?(): CallbackState;
  /** Goes on from a stored state. */
  restore?(state: CallbackState): void;
}

/** Results of each epoch, by name. */
export interface History {
  readonly epochs: readonly number[];
  /** For each result, its values by epoch. */
  readonly logs: Readonly<Record<string, readonly number[]>>;
  /** Why training ended before its last epoch. */
  readonly stopped?: string;
}

/** What each callback's state is kept under: its name, numbered from the second of that name on. */
export function callbackKeys(callbacks: readonly Callback[]): string[] {
  const counts = new Map<string, number>();
  return callbacks.map(({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}
