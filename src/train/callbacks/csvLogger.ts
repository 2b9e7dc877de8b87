import { checkOptions } from "../../error.js";
import type { Callback } from "../callback.js";

/** Options of {@link csvLogger}. */
export interface CsvLoggerOptions {
  /** The file; it is replaced as a whole after each epoch. */
  readonly path: string;
  /** Whether rows go below those of an older file with the same separator, if there is one. Default false. */
  readonly append?: boolean;
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
  checkOptions("csvLogger", options, ["path", "append", "separator"]);
  const separator = options.separator ?? ",";
  let rows: Row[] = [];
  let before: readonly Row[] | undefined;
  return {
    name: "csvLogger",
    reset() {
      rows = [];
      before = undefined;
    },
    async onEpochEnd(epoch, logs) {
      const { readFileBytes, writeFileAtomic } = await import("../../files/disk.js");
      if (before === undefined) before = options.append === true ? rowsOf(await readFileBytes(options.path).catch(ignoreMissing), separator) : [];
      rows.push({ epoch, ...logs });
      const all = [...before, ...rows];
      const names = [...new Set(all.flatMap((row) => Object.keys(row)))];
      const lines = [names, ...all.map((row) => names.map((name) => row[name] ?? ""))];
      const text = lines.map((line) => line.join(separator)).join("\n");
      await writeFileAtomic(options.path, new TextEncoder().encode(`${text}\n`));
    },
    state: () => ({ values: { rows: [...(before ?? []), ...rows] } }),
    restore({ values }) {
      rows = [...(values["rows"] as Row[])];
      before = [];
    },
  };
}

/** Results by column; those of an older file are text. */
type Row = Readonly<Record<string, number | string>>;

/** The rows of a file that this callback wrote. */
function rowsOf(bytes: Uint8Array | undefined, separator: string): Row[] {
  const [names, ...lines] = new TextDecoder().decode(bytes).trimEnd().split("\n").map((line) => line.split(separator));
  return lines.map((cells) => Object.fromEntries(names!.map((name, i) => [name, cells[i] ?? ""])));
}

function ignoreMissing(error: unknown): undefined {
  if ((error as { readonly cause?: { readonly code?: unknown } }).cause?.code !== "ENOENT") throw error;
}
