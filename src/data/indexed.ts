import { type Batch, type BatchMemory, countedRows, gatherRows, joinNumbers, originOf, picked, rowCount, withOrigin } from "./column.js";
import { shuffledIndices } from "./rng.js";
import type { Source, Test, Transform } from "./source.js";

/** Rows that can be had in any order. */
interface RowStore {
  gather(indices: Uint32Array, epoch: number, memory?: BatchMemory): Promise<Batch>;
}

/** Which rows of the store make up a pass, in order. */
type Order = (epoch: number) => Promise<Uint32Array>;

/** How many rows a filter looks at in one go. */
const FILTER_CHUNK = 1024;

/** A source with random access: filtering, shuffling and cutting touch a list of row numbers only. */
export class IndexedSource implements Source {
  readonly #store: RowStore;
  readonly #order: Order;
  readonly length: number | undefined;

  private constructor(store: RowStore, order: Order, length: number | undefined) {
    this.#store = store;
    this.#order = order;
    this.length = length;
  }

  /** All rows of a batch that is held in memory. */
  static of(batch: Batch): IndexedSource {
    const rows = rowCount(batch);
    if (originOf(batch) === undefined) withOrigin(batch, countedRows(0, rows));
    const all = Uint32Array.from({ length: rows }, (_, i) => i);
    const store: RowStore = { gather: (indices, _epoch, memory) => Promise.resolve(gatherRows(batch, indices, memory)) };
    return new IndexedSource(store, () => Promise.resolve(all), rows);
  }

  async *chunks(size: number, epoch: number, memory?: BatchMemory): AsyncGenerator<Batch> {
    const order = await this.#order(epoch);
    for (let start = 0; start < order.length; start += size) {
      yield await this.#store.gather(order.subarray(start, start + size), epoch, memory);
    }
  }

  map(transform: Transform): IndexedSource {
    const store = this.#store;
    const gather = async (indices: Uint32Array, epoch: number) => {
      // In memory of its own: a transform may keep what it is given.
      const batch = await store.gather(indices, epoch);
      return withOrigin(await transform(batch, indices, epoch), originOf(batch));
    };
    return new IndexedSource({ gather }, this.#order, this.length);
  }

  filter(test: Test): IndexedSource {
    const order: Order = async (epoch) => {
      const all = await this.#order(epoch);
      const kept: Uint32Array[] = [];
      for (let start = 0; start < all.length; start += FILTER_CHUNK) {
        const indices = all.subarray(start, start + FILTER_CHUNK);
        const keep = await test(await this.#store.gather(indices, epoch), indices, epoch);
        kept.push(indices.filter((_, i) => keep[i]));
      }
      return joinNumbers(kept);
    };
    return new IndexedSource(this.#store, order, undefined);
  }

  shuffle(seed: number): IndexedSource {
    const order: Order = async (epoch) => {
      const all = await this.#order(epoch);
      return picked(all, shuffledIndices(all.length, seed, epoch));
    };
    return new IndexedSource(this.#store, order, this.length);
  }

  take(n: number): IndexedSource {
    const length = this.length === undefined ? undefined : Math.min(n, this.length);
    return new IndexedSource(this.#store, async (epoch) => (await this.#order(epoch)).subarray(0, n), length);
  }

  skip(n: number): IndexedSource {
    const length = this.length === undefined ? undefined : Math.max(0, this.length - n);
    return new IndexedSource(this.#store, async (epoch) => (await this.#order(epoch)).subarray(n), length);
  }

  /** The rows that stand at `positions` in pass 0, in every pass. */
  async select(positions: Uint32Array): Promise<IndexedSource> {
    const all = await this.#order(0);
    const chosen = picked(all, positions);
    return new IndexedSource(this.#store, () => Promise.resolve(chosen), chosen.length);
  }
}
