import { NacreError } from "../error.js";
import { dataTensor, type NestedNumbers } from "../tensor/convert.js";
import { Tensor } from "../tensor/tensor.js";

/** Some rows of data, the first dimension counting them. */
export interface Rows {
  readonly data: ArrayLike<number | bigint>;
  readonly shape: readonly number[];
}

/** What a dataset is to a layer: batches of columns by name. */
export interface BatchSource {
  readonly inputs: readonly string[];
  batches(): AsyncIterable<Readonly<Record<string, Rows>>>;
}

/** What a layer can learn from: arrays, a tensor with data, or a dataset. */
export type AdaptData = readonly NestedNumbers[] | Rows | Tensor | BatchSource;

/** Options of a layer's `adapt`. */
export interface AdaptOptions {
  /** The column of a dataset. Default: its first input. */
  readonly column?: string;
}

/** What a layer learned: the shape of the rows that it saw, and values for variables or options. */
export interface Learned<C> {
  readonly shape: readonly number[];
  readonly variables?: Readonly<Record<string, ArrayLike<number>>>;
  readonly config?: Partial<C>;
}

/** The rows of any data that a layer may learn from, batch by batch. */
export async function* rowsOf(where: string, data: AdaptData, { column }: AdaptOptions): AsyncGenerator<Rows> {
  if (!isSource(data)) {
    const tensor = data instanceof Tensor ? data : "shape" in data ? undefined : dataTensor(data);
    yield tensor === undefined ? (data as Rows) : { data: await tensor.data(), shape: tensor.shape as readonly number[] };
    return;
  }
  const name = column ?? data.inputs[0];
  for await (const batch of data.batches()) {
    const rows = name === undefined ? undefined : batch[name];
    if (rows === undefined) throw noColumn(where, name, Object.keys(batch));
    yield rows;
  }
}

function isSource(data: AdaptData): data is BatchSource {
  return "batches" in data;
}

function noColumn(where: string, name: string | undefined, columns: readonly string[]): NacreError {
  return new NacreError({
    code: "UNKNOWN_NAME",
    where: `${where}, adapt`,
    expected: `one of the columns ${columns.join(", ")}`,
    received: name === undefined ? "a dataset without inputs" : `"${name}"`,
    fix: "name the column to learn from: adapt(dataset, { column })",
  });
}
