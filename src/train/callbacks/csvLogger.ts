import { checkOptions } from "../../error.js";
import type { Callback } from "../callback.js";
import type { Logs } from "../totals.js";

/** Options of {@link csvLogger}. */
export interface CsvLoggerOptions {
  /** The file; it is replaced as a whole after each epoch. */
  readonly path: string;
  /** Default a comma. */
  readonly separator?: string;
}

/**
 * Writes each epoch's results as a row of a CSV file. Its column `epoch` counts from 0, as Keras's
 * does and callbacks do; what `fit` prints counts from 1.
 *
 * @throws FILE_ACCESS when the file cannot be written
 * @example
 * await model.fit(train, { callbacks: [callbacks.csvLogger({ path: "out/log.csv" })] });
 */
export function csvLogger(options: CsvLoggerOptions): Callback {
  checkOptions("csvLogger", options, ["path", "separator"]);
  const separator = options.separator ?? ",";
  let rows: Logs[] = [];
  return {
    name: "csvLogger",
    reset() {
      rows = [];
    },
    async onEpochEnd(epoch, logs) {
      rows.push({ epoch, ...logs });
      const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))];
      const text = lines.map((line) => line.join(separator)).join("\n");
      const { writeFileAtomic } = await import("../../files/disk.js");
      await writeFileAtomic(options.path, new TextEncoder().encode(`${text}\n`));
    },
    state: () => ({ values: { rows: [...rows] } }),
    restore({ values }) {
      rows = [...(values["rows"] as Logs[])];
    },
  };
}
