import type { BatchMemory, ColumnSpecs } from "./column.js";

/** What a dataset says of itself. */
export interface Declaration {
  readonly columns: ColumnSpecs;
  /** The columns that a model reads. */
  readonly inputs: readonly string[];
  /** The columns that a model should predict; default none. */
  readonly labels?: readonly string[];
  /** The column that weighs each row in the loss. */
  readonly sampleWeight?: string;
  /** What messages and reports call the dataset, such as its file's name. */
  readonly name?: string;
}

/** Where a row stands, for functions that `map` and `filter` call. */
export interface RowContext {
  /** The row's number before any shuffling. */
  readonly index: number;
  /** The number of the pass. */
  readonly epoch: number;
}

/** Where some rows stand, for functions that `mapBatches` calls. */
export interface BatchContext {
  /** The rows' numbers before any shuffling. */
  readonly indices: Uint32Array;
  /** The number of the pass. */
  readonly epoch: number;
}

/** What `map` and `mapBatches` need to know where new rows have other columns. */
export interface MapOptions {
  /** All columns that the new rows have; default the same as before. */
  readonly columns?: ColumnSpecs;
  /** Default: those of the old inputs that are still columns. */
  readonly inputs?: readonly string[];
  /** Default: those of the old labels that are still columns. */
  readonly labels?: readonly string[];
}

/** How `shuffle` puts rows in an order. */
export interface ShuffleOptions {
  /** Whole number; the same seed gives the same orders. Default 0. */
  readonly seed?: number;
  /** How many rows are mixed at a time where the data are not in memory; at least 2, default 4096. */
  readonly buffer?: number;
}

/** What one pass of `batches` gives. */
export interface BatchesOptions {
  /** Rows in a batch, at least 1. Default: what `batch()` set, else 32. */
  readonly batchSize?: number;
  /** The number of the pass, from 0: shuffles and random maps depend on it. Default 0. */
  readonly epoch?: number;
  /** Whether to shuffle on top of what the dataset does itself. Default false. */
  readonly shuffle?: boolean;
  /** Seed of that shuffle. Default 0. */
  readonly seed?: number;
  /**
   * Where batches of rows in memory may be put, each over the one before: a batch is then valid until the next is
   * asked for, and a long training leaves nothing to collect. Default: each batch in memory of its own.
   */
  readonly memory?: BatchMemory;
}

/** How `split` divides rows. */
export interface SplitOptions {
  /** Share of the rows for the test side, above 0 and below 1. */
  readonly test: number;
  /** Divides every class by the same share: `true` for the only label column, or a column's name. Default false. */
  readonly stratify?: boolean | string;
  /** A column whose equal values stay on one side, such as a patient's number. */
  readonly group?: string;
  /** Whole number; the same seed gives the same split. Default 0. */
  readonly seed?: number;
  /** Keeps rows with identical inputs on one side, so that no test row was trained on. Default true. */
  readonly keepDuplicatesTogether?: boolean;
}
