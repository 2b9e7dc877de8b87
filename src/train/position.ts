import type { CallbackState } from "./callback.js";
import type { TotalsState } from "./totals.js";

/** Where training stands: all that `fit` needs, beside weights and optimizer, to go on. */
export interface TrainPosition {
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** Batches of it that are done. */
  readonly batch: number;
  /** Rows in a batch. */
  readonly batchSize: number;
  readonly seed: number;
  /** Why training ended early, where it did. */
  readonly stopped?: string | undefined;
  /** Sums over those batches; none at the start of an epoch. */
  readonly totals?: TotalsState | undefined;
  /** Results of the epochs before. */
  readonly history: readonly Readonly<Record<string, number>>[];
  readonly callbacks: Readonly<Record<string, CallbackState>>;
}
