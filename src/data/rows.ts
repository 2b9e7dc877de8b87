import { checkOptions } from "../error.js";
import { Dataset } from "./dataset.js";
import type { Declaration } from "./options.js";
import { type RowInput, batchOf } from "./row.js";
import { StreamSource } from "./stream.js";

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
  const { columns, length } = options;
  const source = new StreamSource(
    columns,
    async function* (epoch) {
      let waiting: RowInput[] = [];
      for await (const row of open(epoch)) {
        waiting.push(row);
        if (waiting.length < CHUNK) continue;
        yield batchOf(waiting, columns, "fromRows");
        waiting = [];
      }
      if (waiting.length > 0) yield batchOf(waiting, columns, "fromRows");
    },
    length,
  );
  return new Dataset(source, options);
}
