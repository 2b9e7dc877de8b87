import { NacreError, checkOptions, unknownName } from "../error.js";
import { isFloat } from "../tensor/dtype.js";
import { checkCount } from "./check.js";
import { type Batch, type Column, type ColumnSpec, type ColumnSpecs, concatRows, originOf, placeOf, rowCount, withOrigin } from "./column.js";
import { IndexedSource } from "./indexed.js";
import type { BatchContext, BatchesOptions, Declaration, MapOptions, RowContext, ShuffleOptions, SplitOptions } from "./options.js";
import { prefetch } from "./prefetch.js";
import { type Row, type RowInput, batchOf, checkedBatch, rowsOf } from "./row.js";
import type { Source, Transform } from "./source.js";

/** How many rows are read at a time where the caller sees none of it. */
const CHUNK = 1024;

/**
 * Rows of named, typed columns, in memory or streamed. A dataset never changes: each method
 * returns a new one, and nothing is read until rows or batches are asked for.
 *
 * @example
 * const digits = await csv("digits.csv", { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
 * const { train, test } = await digits.split({ test: 0.2, stratify: true, seed: 1 });
 * for await (const batch of train.batches({ batchSize: 32, shuffle: true, epoch: 0 })) {
 *   console.log(batch.input.shape, batch.label.data);
 * }
 */
export class Dataset {
  /** Dtype and shape of a row, by column. */
  readonly columns: ColumnSpecs;
  /** The columns that models take. */
  readonly inputs: readonly string[];
  /** The columns that models shall predict. */
  readonly labels: readonly string[];
  /** The column that weighs rows in the loss; undefined where none does. */
  readonly sampleWeight: string | undefined;
  /** What reports call it. */
  readonly name: string | undefined;
  /** What `batches()` does when it is not told otherwise. */
  readonly #defaults: { readonly batchSize: number; readonly dropRemainder: boolean; readonly prefetch: number };
  readonly #source: Source;

  /** @internal Use {@link fromArrays}, {@link fromRows} or {@link csv}. */
  constructor(source: Source, declaration: Declaration, defaults = { batchSize: 32, dropRemainder: false, prefetch: 0 }) {
    this.columns = declaration.columns;
    this.inputs = declaration.inputs;
    this.labels = declaration.labels ?? [];
    this.sampleWeight = declaration.sampleWeight;
    this.name = declaration.name;
    this.#defaults = defaults;
    this.#source = source;
    const weights = this.sampleWeight === undefined ? [] : [this.sampleWeight];
    for (const name of [...this.inputs, ...this.labels, ...weights]) this.#spec(name, "dataset");
  }

  /** The number of rows; undefined where only reading would tell. */
  get length(): number | undefined {
    return this.#source.length;
  }

  /** Whether every row can be reached at once; a stream is read from front to back at each pass. */
  get inMemory(): boolean {
    return this.#source instanceof IndexedSource;
  }

  /** How many rows `batches()` puts in a batch when it is not told otherwise. */
  get batchSize(): number {
    return this.#defaults.batchSize;
  }

  /** How many batches of a size `batches()` gives; undefined where only reading would tell. */
  batchCount(batchSize = this.#defaults.batchSize): number | undefined {
    if (this.length === undefined) return undefined;
    return (this.#defaults.dropRemainder ? Math.floor : Math.ceil)(this.length / batchSize);
  }

  /** What the codes of the first label column stand for. */
  get classNames(): readonly string[] | undefined {
    const label = this.labels[0];
    return label === undefined ? undefined : this.columns[label]?.categories;
  }

  /**
   * Replaces each row by `fn(row)`, at every pass; a function of `index` and `epoch` keeps random
   * augmentation reproducible.
   *
   * @throws BAD_DATA when a new row does not fit the declared columns
   * @example
   * const negative = (pixels: RowValue) => Float32Array.from(pixels as Float32Array, (grey) => 1 - grey);
   * const inverted = digits.map((row) => ({ ...row, input: negative(row.input) }));
   */
  map(fn: (row: Row, context: RowContext) => RowInput | Promise<RowInput>, options: MapOptions = {}): Dataset {
    const columns = options.columns ?? this.columns;
    const from = this.columns;
    return this.#mapped("dataset.map", options, async (batch, positions, epoch) => {
      const results = rowsOf(batch, from).map(async (row, i) => fn(row, { index: positions[i]!, epoch }));
      return batchOf(await Promise.all(results), columns, (i) => `dataset.map, ${placeOf(batch, i)}`);
    });
  }

  /**
   * Replaces some rows at a time by as many others: those of a batch where the data are in memory,
   * else those that the source reads together. `indices` are their numbers before any shuffling.
   *
   * @throws BAD_DATA when the new rows do not fit the declared columns
   * @example
   * const dim = digits.mapBatches((batch) => {
   *   const data = Float32Array.from(batch.input.data as Float32Array, (grey) => grey / 2);
   *   return { ...batch, input: { ...batch.input, data } };
   * });
   */
  mapBatches(fn: (batch: Batch, context: BatchContext) => Batch | Promise<Batch>, options: MapOptions = {}): Dataset {
    const columns = options.columns ?? this.columns;
    return this.#mapped("dataset.mapBatches", options, async (batch, indices, epoch) =>
      checkedBatch(await fn(batch, { indices, epoch }), columns, rowCount(batch)),
    );
  }

  /**
   * Keeps the rows for which `fn` is true.
   *
   * @example
   * const threes = digits.filter((row) => row.label === 3);
   */
  filter(fn: (row: Row, context: RowContext) => boolean | Promise<boolean>): Dataset {
    const source = this.#source.filter((batch, positions, epoch) => {
      const results = rowsOf(batch, this.columns).map(async (row, i) => fn(row, { index: positions[i]!, epoch }));
      return Promise.all(results);
    });
    return this.#with(source);
  }

  /**
   * Puts the rows in a random order that is a function of seed and epoch: all of them where the
   * data are in memory, else within a moving buffer.
   */
  shuffle(options: ShuffleOptions = {}): Dataset {
    checkOptions("dataset.shuffle", options, ["seed", "buffer"]);
    const { seed = 0, buffer = 4096 } = options;
    checkCount("dataset.shuffle", "seed", seed, -Infinity);
    checkCount("dataset.shuffle", "buffer", buffer, 2);
    return this.#with(this.#source.shuffle(seed, buffer));
  }

  /** The first `n` rows. */
  take(n: number): Dataset {
    checkCount("dataset.take", "n", n, 0);
    return this.#with(this.#source.take(n));
  }

  /** All but the first `n` rows. */
  skip(n: number): Dataset {
    checkCount("dataset.skip", "n", n, 0);
    return this.#with(this.#source.skip(n));
  }

  /** Sets how many rows `batches()` puts in a batch, and whether it leaves out a shorter last one (default false). */
  batch(size: number, options: { readonly dropRemainder?: boolean } = {}): Dataset {
    checkOptions("dataset.batch", options, ["dropRemainder"]);
    checkCount("dataset.batch", "size", size, 1);
    const dropRemainder = options.dropRemainder ?? false;
    return new Dataset(this.#source, this.#declaration(), { ...this.#defaults, batchSize: size, dropRemainder });
  }

  /** Lets `batches()` prepare up to `n` batches before they are asked for. */
  prefetch(n: number): Dataset {
    checkCount("dataset.prefetch", "n", n, 0);
    return new Dataset(this.#source, this.#declaration(), { ...this.#defaults, prefetch: n });
  }

  /** The rows of one pass, in batches. Without a new epoch, every call yields the same batches. */
  batches(options: BatchesOptions = {}): AsyncIterable<Batch> {
    checkOptions("dataset.batches", options, ["batchSize", "epoch", "shuffle", "seed", "memory"]);
    const { batchSize = this.#defaults.batchSize, epoch = 0, shuffle = false, seed = 0, memory } = options;
    checkCount("dataset.batches", "batchSize", batchSize, 1);
    checkCount("dataset.batches", "epoch", epoch, 0);
    const shuffled = shuffle ? this.shuffle({ seed }) : this;
    const ahead = this.#defaults.prefetch;
    // Batches that are fetched ahead must not lie over each other.
    const whole = shuffled.#source.chunks(batchSize, epoch, ahead > 0 ? undefined : memory);
    const batches = this.#defaults.dropRemainder ? fullBatches(whole, batchSize) : whole;
    return ahead > 0 ? prefetch(batches, ahead) : batches;
  }

  /** The rows of one pass, one by one. */
  async *rows(options: { readonly epoch?: number } = {}): AsyncGenerator<Row> {
    checkOptions("dataset.rows", options, ["epoch"]);
    for await (const batch of this.#source.chunks(CHUNK, options.epoch ?? 0)) yield* rowsOf(batch, this.columns);
  }

  /** The first `n` rows, default 5. */
  async head(n = 5): Promise<Row[]> {
    return rowsOf(await this.take(n).#read(), this.columns);
  }

  /** All values of one column, as they are in pass 0. @throws UNKNOWN_NAME when there is none of that name */
  async column(name: string): Promise<Column> {
    const spec = this.#spec(name, "dataset.column");
    return (await this.#read({ [name]: spec }))[name]!;
  }

  /** Reads pass 0 into memory, so that maps and filters run no more and every row can be reached. */
  async cache(): Promise<Dataset> {
    return this.#with(IndexedSource.of(await this.#read()));
  }

  /**
   * Divides the rows in two, at random but by seed alone: no row, no group and (by default) no two
   * rows with identical inputs lie on both sides. Each side keeps the order of its rows; a class
   * with a single row stays in `train`. A dataset that is not in memory is read into it.
   *
   * @throws BAD_ARGUMENT when the share is not between 0 and 1, or there are no classes to stratify by
   * @throws BAD_DATA when there are not two rows that may be separated
   * @throws UNKNOWN_NAME when a column is not there
   */
  async split(options: SplitOptions): Promise<{ train: Dataset; test: Dataset }> {
    checkOptions("dataset.split", options, ["test", "stratify", "group", "seed", "keepDuplicatesTogether"]);
    const { test: share, stratify = false, group, seed = 0, keepDuplicatesTogether = true } = options;
    if (!(share > 0 && share < 1)) {
      throw new NacreError({
        code: "BAD_ARGUMENT",
        where: "dataset.split test",
        expected: "a share above 0 and below 1",
        received: String(share),
        fix: "0.2 puts a fifth of the rows on the test side",
      });
    }
    checkCount("dataset.split", "seed", seed, -Infinity);
    if (!(this.#source instanceof IndexedSource)) return (await this.cache()).split(options);
    const [{ rowKeys }, { joinRows, numberKeys, splitRows }] = await Promise.all([import("./fingerprint.js"), import("./split.js")]);

    // Without strata all rows are one class: no columns, equal keys.
    const classes = stratify === false ? [] : [this.#classColumn(stratify)];
    if (group !== undefined) this.#spec(group, "dataset.split");
    const together = [...(group === undefined ? [] : [[group]]), ...(keepDuplicatesTogether ? [this.inputs] : [])];
    const [classKeys, ...unitKeys] = await rowKeys(this.#source.chunks(CHUNK, 0), [classes, ...together]);
    const units = joinRows(classKeys!.length, unitKeys);
    const sides = splitRows({ share, seed, classes: numberKeys(classKeys!), units });
    return {
      train: this.#with(await this.#source.select(sides.train)),
      test: this.#with(await this.#source.select(sides.test)),
    };
  }

  /**
   * What tells these data from others: 16 hexadecimal digits that depend on every value, and not on
   * the order of the rows. An exported model can carry it.
   *
   * @example
   * console.log(await digits.fingerprint());
   */
  async fingerprint(): Promise<string> {
    const { datasetFingerprint } = await import("./fingerprint.js");
    return datasetFingerprint(this.#source.chunks(CHUNK, 0), this.columns);
  }

  toString(): string {
    const describe = (name: string) => {
      const { dtype, shape } = this.columns[name]!;
      return `${name} ${dtype} [${shape.join(", ")}]`;
    };
    const rows = this.length === undefined ? "rows not counted yet" : `${this.length} rows`;
    const labels = this.labels.length === 0 ? "" : ` -> ${this.labels.map(describe).join(", ")}`;
    const classes = this.classNames === undefined ? "" : ` (${this.classNames.length} classes)`;
    return `Dataset ${this.name ?? ""}: ${rows}, ${this.inputs.map(describe).join(", ")}${labels}${classes}`.replace(" :", ":");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #mapped(where: string, options: MapOptions, transform: Transform): Dataset {
    checkOptions(where, options, ["columns", "inputs", "labels"]);
    const columns = options.columns ?? this.columns;
    const still = (name: string) => columns[name] !== undefined;
    const declaration: Declaration = {
      ...this.#declaration(),
      columns,
      inputs: options.inputs ?? this.inputs.filter(still),
      labels: options.labels ?? this.labels.filter(still),
    };
    return new Dataset(this.#source.map(transform, columns), declaration, this.#defaults);
  }

  #with(source: Source): Dataset {
    return new Dataset(source, this.#declaration(), this.#defaults);
  }

  #declaration(): Declaration {
    const { columns, inputs, labels, sampleWeight, name } = this;
    return {
      columns,
      inputs,
      labels,
      ...(sampleWeight === undefined ? {} : { sampleWeight }),
      ...(name === undefined ? {} : { name }),
    };
  }

  #spec(name: string, where: string): ColumnSpec {
    // Own names only: a file may ask for a column "constructor".
    if (Object.hasOwn(this.columns, name)) return this.columns[name]!;
    throw unknownName(where, "column", name, Object.keys(this.columns));
  }

  #classColumn(stratify: true | string): string {
    const name = stratify === true && this.labels.length === 1 ? this.labels[0]! : stratify;
    if (name === true) throw notClasses(`${this.labels.length} label columns`, 'name a column, as in stratify: "label"');
    const { dtype, shape } = this.#spec(name, "dataset.split stratify");
    if (!isFloat(dtype) || shape.length > 0) return name;
    throw notClasses(`the ${dtype} column "${name}"`, "leave stratify out for regression, or give the labels as int32");
  }

  async #read(columns = this.columns): Promise<Batch> {
    const chunks: Batch[] = [];
    for await (const chunk of this.#source.chunks(CHUNK, 0)) {
      // Only the columns asked for are kept from one chunk to the next.
      chunks.push(withOrigin(Object.fromEntries(Object.keys(columns).map((name) => [name, chunk[name]!])), originOf(chunk)));
    }
    return concatRows(chunks, columns);
  }
}

async function* fullBatches(batches: AsyncIterable<Batch>, size: number): AsyncGenerator<Batch> {
  for await (const batch of batches) if (rowCount(batch) === size) yield batch;
}

function notClasses(received: string, fix: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: "dataset.split stratify",
    expected: "one column of classes, as whole numbers or one-hot",
    received,
    fix,
  });
}
