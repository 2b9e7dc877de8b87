import { checkOptions, wrongKind } from "../error.js";
import { type Batch, countedRows, withOrigin } from "./column.js";
import { requireOptions } from "../options.js";
import { Dataset } from "./dataset.js";
import type { Declaration } from "./options.js";
import { type RowInput, batchOf } from "./row.js";
import { StreamSource } from "./stream.js";

/** What `fromRows` cannot see before it reads: the columns, and what they are for. */
export interface FromRowsOptions extends Declaration {
  /** The number of rows, where it is known. */
  readonly length?: number;
}

/** How many rows are gathered before they are passed on. */
const CHUNK = 64;

/**
 * A dataset that is generated or read row by row, again at each pass.
 *
 * @param open starts pass `epoch`
 * @throws BAD_DATA when a row does not fit the declared columns
 * @example
 * const squares = fromRows(
 *   function* () {
 *     for (let x = 0; x < 1000; x++) yield { x: [x], y: x * x };
 *   },
 *   {
 *     columns: { x: { dtype: "float32", shape: [1] }, y: { dtype: "float32", shape: [] } },
 *     inputs: ["x"],
 *     labels: ["y"],
 *   },
 * );
 */
export function fromRows(
  open: (epoch: number) => Iterable<RowInput> | AsyncIterable<RowInput>,
  options: FromRowsOptions,
): Dataset {
  checkOptions("fromRows", options, ["columns", "inputs", "labels", "sampleWeight", "name", "length"]);
  if (typeof open !== "function") {
    throw wrongKind("fromRows", "a function that gives the rows anew at each pass", open, "wrap them: fromRows(() => rows, …)");
  }
  requireOptions("fromRows", options, ["columns", "inputs"]);
  const { columns, length } = options;
  const source = new StreamSource(
    columns,
    async function* (epoch) {
      let waiting: RowInput[] = [];
      let first = 0;
      const gathered = (): Batch => {
        const origin = countedRows(first, waiting.length);
        const batch = batchOf(waiting, columns, (i) => `fromRows, ${origin.nameOf(origin.numbers[i]!)}`);
        first += waiting.length;
        waiting = [];
        return withOrigin(batch, origin);
      };
      for await (const row of open(epoch)) {
        waiting.push(row);
        if (waiting.length === CHUNK) yield gathered();
      }
      if (waiting.length > 0) yield gathered();
    },
    length,
  );
  return new Dataset(source, options);
}
