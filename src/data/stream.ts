import { type Batch, type ColumnSpecs, concatRows, gatherRows, originOf, rowCount, sliceRows, withOrigin } from "./column.js";
import { shuffledIndices } from "./rng.js";
import type { Source, Test, Transform } from "./source.js";

/** Opens one pass: batches of any size, with the declared columns. */
type Open = (epoch: number) => AsyncIterable<Batch>;

/** A source that can only be read from front to back, of any length. */
export class StreamSource implements Source {
  readonly #columns: ColumnSpecs;
  readonly #open: Open;
  readonly length: number | undefined;

  constructor(columns: ColumnSpecs, open: Open, length?: number) {
    this.#columns = columns;
    this.#open = open;
    this.length = length;
  }

  async *chunks(size: number, epoch: number): AsyncGenerator<Batch> {
    let waiting: Batch[] = [];
    let count = 0;
    for await (const batch of this.#open(epoch)) {
      waiting.push(batch);
      count += rowCount(batch);
      if (count < size) continue;
      const all = concatRows(waiting, this.#columns);
      let start = 0;
      for (; start + size <= count; start += size) yield sliceRows(all, start, start + size);
      waiting = start < count ? [sliceRows(all, start, count)] : [];
      count -= start;
    }
    if (count > 0) yield concatRows(waiting, this.#columns);
  }

  map(transform: Transform, columns: ColumnSpecs): StreamSource {
    const open = this.#open;
    return new StreamSource(
      columns,
      async function* (epoch) {
        for await (const { batch, positions } of numbered(open(epoch))) {
          yield withOrigin(await transform(batch, positions, epoch), originOf(batch));
        }
      },
      this.length,
    );
  }

  filter(test: Test): StreamSource {
    const open = this.#open;
    return new StreamSource(this.#columns, async function* (epoch) {
      for await (const { batch, positions } of numbered(open(epoch))) {
        const keep = await test(batch, positions, epoch);
        const kept = Uint32Array.from(positions.keys()).filter((i) => keep[i]);
        if (kept.length > 0) yield gatherRows(batch, kept);
      }
    });
  }

  /**
   * Mixes `buffer` rows at a time: half of the mixed rows leave, the other half is mixed again with
   * those that follow, so that a row can travel further than one buffer.
   */
  shuffle(seed: number, buffer: number): StreamSource {
    const half = Math.max(1, Math.ceil(buffer / 2));
    const columns = this.#columns;
    const chunks = (epoch: number) => this.chunks(half, epoch);
    const open: Open = async function* (epoch) {
      let held: Batch | undefined;
      let part = 0;
      for await (const chunk of chunks(epoch)) {
        const pool = held === undefined ? chunk : concatRows([held, chunk], columns);
        const rows = rowCount(pool);
        const mixed = gatherRows(pool, shuffledIndices(rows, seed, epoch, part++));
        const leaving = Math.max(0, rows - half);
        if (leaving > 0) yield sliceRows(mixed, 0, leaving);
        held = sliceRows(mixed, leaving, rows);
      }
      if (held !== undefined) yield held;
    };
    return new StreamSource(columns, open, this.length);
  }

  take(n: number): StreamSource {
    const open = this.#open;
    const length = this.length === undefined ? undefined : Math.min(n, this.length);
    return new StreamSource(
      this.#columns,
      async function* (epoch) {
        let left = n;
        if (left === 0) return;
        for await (const batch of open(epoch)) {
          const rows = Math.min(left, rowCount(batch));
          yield sliceRows(batch, 0, rows);
          left -= rows;
          // Leaving here, before the next row is asked for, closes the source.
          if (left === 0) return;
        }
      },
      length,
    );
  }

  skip(n: number): StreamSource {
    const open = this.#open;
    const length = this.length === undefined ? undefined : Math.max(0, this.length - n);
    return new StreamSource(
      this.#columns,
      async function* (epoch) {
        let left = n;
        for await (const batch of open(epoch)) {
          const rows = rowCount(batch);
          const cut = Math.min(left, rows);
          left -= cut;
          if (cut < rows) yield sliceRows(batch, cut, rows);
        }
      },
      length,
    );
  }
}

async function* numbered(batches: AsyncIterable<Batch>): AsyncGenerator<{ batch: Batch; positions: Uint32Array }> {
  let first = 0;
  for await (const batch of batches) {
    const rows = rowCount(batch);
    yield { batch, positions: Uint32Array.from({ length: rows }, (_, i) => first + i) };
    first += rows;
  }
}
