import type { Batch, BatchMemory, ColumnSpecs } from "./column.js";

/** Changes rows: `positions` says which row each one is, whatever order they come in. */
export type Transform = (batch: Batch, positions: Uint32Array, epoch: number) => Promise<Batch>;

/** For each row of a batch, whether to keep it. */
export type Test = (batch: Batch, positions: Uint32Array, epoch: number) => Promise<readonly boolean[]>;

/**
 * Where the rows of a dataset come from. A source never changes; each operation gives a new one.
 * What it yields is a function of `epoch` alone.
 */
export interface Source {
  /** The number of rows, where it is known without reading them. */
  readonly length: number | undefined;
  /** The rows of one pass, `size` at a time; the last chunk may be shorter. What lies in `memory` is valid until the next. */
  chunks(size: number, epoch: number, memory?: BatchMemory): AsyncIterable<Batch>;
  /** @param columns what the transformed rows hold */
  map(transform: Transform, columns: ColumnSpecs): Source;
  filter(test: Test): Source;
  /** @param buffer how many rows are mixed at a time by sources that cannot reach every row */
  shuffle(seed: number, buffer: number): Source;
  take(n: number): Source;
  skip(n: number): Source;
}
