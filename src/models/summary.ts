import { checkOptions, unknownName } from "../error.js";
import type { Network } from "./network.js";
import { type LayerRow, sizeOf, summaryRows } from "./summaryRows.js";

/** The columns that a summary can have. */
export type SummaryColumn = "layer" | "outputShape" | "parameters" | "trainable" | "multiplyAdds" | "memory" | "from";

/** Options of `model.summary`. */
export interface SummaryOptions {
  /** Default: layer, outputShape, parameters, multiplyAdds, and from unless layers stand in a row. */
  readonly columns?: readonly SummaryColumn[];
  /** Called with the table, as `console.log` may be. Default: none, the table is only returned. */
  readonly print?: (table: string) => void;
}

/** In tables of graphs the first column is called otherwise. */
type Column = SummaryColumn | "node";

type Align = "left" | "right" | "wrap";

/** Each column's head, cells and place of the text; memory is that of a sample's outputs and the parameters. */
const COLUMNS: Readonly<Record<Column, readonly [head: string, cell: (row: LayerRow) => string, align: Align]>> = {
  layer: ["Layer", titleOf, "wrap"],
  node: ["Node", titleOf, "wrap"],
  outputShape: ["Output shape", ({ outputShape }) => outputShape, "left"],
  parameters: ["Parameters", ({ parameters, trainable, shared }) => (shared ? "shared" : formatCount(parameters) + (trainable < Math.min(parameters, 1) ? " frozen" : "")), "right"],
  trainable: ["Trainable", ({ trainable, shared }) => (shared ? "shared" : formatCount(trainable)), "right"],
  multiplyAdds: ["Mult-adds", (row) => formatMetric(row.multiplyAdds), "right"],
  memory: ["Memory", (row) => mebibytes(row.activationBytes + (row.shared ? 0 : row.parameters * 4)), "right"],
  from: ["From", ({ from }) => from.join(", "), "wrap"],
};

const DEFAULT_COLUMNS: readonly SummaryColumn[] = ["layer", "outputShape", "parameters", "multiplyAdds", "from"];

/** The width that a table keeps to, where names allow. */
const LINE_CHARS = 80;

/** A summary as data: heads, and a row for each input and layer. */
export function summaryTable(rows: readonly LayerRow[], columns: readonly Column[] = DEFAULT_COLUMNS): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  return { columns: columns.map((column) => COLUMNS[column][0]), rows: rows.map((row) => columns.map((column) => COLUMNS[column][1](row))) };
}

/** A model as a table for a terminal. */
export function formatSummary(model: Network, options: SummaryOptions): string {
  checkOptions("summary", options, ["columns", "print"]);
  const rows = summaryRows(model);
  // Where layers stand in a row, naming each one's source adds nothing.
  const inRow = model.calls.every(({ inputs }, i) => inputs.length === 1 && inputs[0] === (model.calls[i - 1]?.outputs[0] ?? model.inputs[0]));
  const columns = options.columns ?? DEFAULT_COLUMNS.slice(0, inRow ? -1 : undefined);
  for (const column of columns) if (!Object.hasOwn(COLUMNS, column)) throw unknownName("summary", "column", column, Object.keys(COLUMNS));
  const text = tableOf(rows, columns, model.parameterCount, sizeOf(model.trainableVariables));
  options.print?.(text);
  return text;
}

/** Rows as a table for a terminal, with the totals below. */
export function tableOf(rows: readonly LayerRow[], columns: readonly Column[], parameters: number, trainable: number): string {
  const table = summaryTable(rows, columns);
  const [head, ...lines] = layOut([table.columns, ...table.rows], columns.map((column) => COLUMNS[column][2]));
  const rule = "─".repeat(Math.max(...[head!, ...lines].map(({ length }) => length)));
  const total = (of: (row: LayerRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  return [
    head!,
    rule,
    ...lines,
    rule,
    `${formatCount(parameters)} parameters (${mebibytes(parameters * 4)}), ${formatCount(trainable)} trainable`,
    `${formatMetric(total((row) => row.multiplyAdds))} multiply-adds and ${mebibytes(total((row) => row.activationBytes))} of activations per sample`,
  ].join("\n");
}

function titleOf({ name, className }: LayerRow): string {
  return `${name} (${className})`;
}

/** The lines of a table; cells of columns that wrap take several where the table would be too wide, if their words allow. */
function layOut(cells: readonly (readonly string[])[], align: readonly Align[]): string[] {
  const widest = (of: (cell: string) => number): number[] => align.map((_, c) => Math.max(...cells.map((row) => of(row[c]!))));
  const widths = widest((cell) => cell.length);
  const words = widest((cell) => Math.max(...cell.split(" ").map(({ length }) => length)));
  for (const c of [...align.keys()].reverse()) {
    const tooMuch = widths.reduce((a, b) => a + b + 2) - LINE_CHARS;
    if (align[c] === "wrap" && tooMuch > 0) widths[c] = Math.max(words[c]!, widths[c]! - tooMuch);
  }
  return cells.flatMap((row) => {
    const wrapped = row.map((cell, c) => (align[c] === "wrap" ? wrap(cell, widths[c]!) : [cell]));
    return wrapped.reduce((a, b) => (b.length > a.length ? b : a)).map((_, i) =>
      wrapped.map((lines, c) => (lines[i] ?? "")[align[c] === "right" ? "padStart" : "padEnd"](widths[c]!)).join("  ").trimEnd(),
    );
  });
}

/** `5,130` */
export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** Exact up to a million, then with three digits: `1.85 G`. */
export function formatMetric(count: number): string {
  if (count < 1e6) return formatCount(count);
  return count < 1e9 ? `${(count / 1e6).toPrecision(3)} M` : `${(count / 1e9).toPrecision(3)} G`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

/** A text as lines of at most so many characters, broken at spaces. */
function wrap(text: string, chars: number): string[] {
  return text.match(new RegExp(`\\S.{0,${chars - 1}}(?!\\S)|\\S+`, "g")) ?? [text];
}
