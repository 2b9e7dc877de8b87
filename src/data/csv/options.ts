/** What happens to cells without a value. */
export type MissingRule = "error" | "drop" | "mean" | "keep" | number;

/** How far `csv` has read. */
export interface CsvProgress {
  /** Rows read so far. */
  readonly rows: number;
}

/** What the columns of a CSV file are for, and how its cells are read. */
export interface CsvOptions {
  /** The column to predict, by header name or index (from 0; -1 is the last). Default none. */
  readonly label?: string | number;
  /** The feature columns, by name or index. Default: all that have no other part. */
  readonly columns?: readonly (string | number)[];
  /** Packs the features, in file order, into rows of this shape. Default `[number of features]`. */
  readonly shape?: readonly number[];
  /** Multiplies every numeric feature. Default 1. */
  readonly scale?: number;
  /** Whether the first line names the columns. Default "auto": it does unless it holds a number. */
  readonly header?: boolean | "auto";
  /** One character. Default ",". */
  readonly separator?: string;
  /**
   * Missing cells are an error naming the place ("error", the default), lose their row ("drop"),
   * become the column's mean over the file ("mean") or a given number, or stay as NaN ("keep").
   * In a text column the last three make a category "missing". A missing label can only be dropped.
   */
  readonly missing?: MissingRule;
  /** What counts as missing. Default `["", "NA", "NaN", "nan", "?"]`. */
  readonly missingValues?: readonly string[];
  /** Columns to read as text although their first value is a number, by name or index. Default none. */
  readonly categories?: readonly (string | number)[];
  /** Columns to carry along, neither input nor label, such as a group to split by. Default none. */
  readonly keep?: readonly (string | number)[];
  /** The column that weighs each row in the loss. Default none. */
  readonly sampleWeight?: string | number;
  /** What the packed features are called. Default "input". */
  readonly inputName?: string;
  /** Stops the reading. */
  readonly signal?: AbortSignal;
  /** Called after each piece of the file. */
  readonly onProgress?: (progress: CsvProgress) => void;
}

export const CSV_OPTIONS = [
  "label",
  "columns",
  "shape",
  "scale",
  "header",
  "separator",
  "missing",
  "missingValues",
  "categories",
  "keep",
  "sampleWeight",
  "inputName",
  "signal",
  "onProgress",
] as const satisfies readonly (keyof CsvOptions)[];
