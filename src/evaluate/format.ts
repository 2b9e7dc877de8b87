import type { ClassificationReport } from "./classificationReport.js";

/** A confusion matrix of more classes does not fit on a terminal. */
const MAX_MATRIX_CLASSES = 20;
const MAX_NAME = 20;
const MAX_PAIRS = 5;

/**
 * A report as text for a terminal: accuracy, a table of the classes, the confusion matrix and the commonest mistakes.
 *
 * @example
 * const report = classificationReport({ labels: [0, 1, 1], predictions: [0, 1, 0], classNames: ["cat", "dog"] });
 * console.log(formatClassificationReport(report));
 */
export function formatClassificationReport(report: ClassificationReport): string {
  const { low, high } = report.accuracyInterval;
  const headline = [
    `accuracy ${percent(report.accuracy)} (95 % interval ${percent(low)} to ${percent(high)}), ${report.correct} of ${report.rows} rows`,
    `balanced accuracy ${percent(report.balancedAccuracy)}`,
  ].join("\n");
  return [headline, classTable(report), matrixTable(report), pairList(report)].filter((part) => part !== "").join("\n\n");
}

function classTable({ perClass, macro, rows }: ClassificationReport): string {
  return alignColumns([
    ["class", "precision", "recall", "f1", "rows"],
    ...perClass.map(({ name, precision, recall, f1, support }) => [
      printable(name),
      ...[precision, recall, f1].map(decimals),
      String(support),
    ]),
    ["macro mean", ...[macro.precision, macro.recall, macro.f1].map(decimals), String(rows)],
  ]);
}

function matrixTable({ classNames, confusion }: ClassificationReport): string {
  if (classNames.length > MAX_MATRIX_CLASSES) return "";
  const header = ["true \\ predicted", ...classNames.map((name) => printable(name, 8))];
  // Dots for zeros let the mistakes stand out.
  const lines = confusion.map((counts, id) => [
    printable(classNames[id]!),
    ...counts.map((count) => (count === 0 ? "·" : String(count))),
  ]);
  return alignColumns([header, ...lines]);
}

function pairList({ classNames, confusedPairs }: ClassificationReport): string {
  if (confusedPairs.length === 0) return "";
  const lines = confusedPairs.slice(0, MAX_PAIRS).map(({ label, predicted, count, share }) => {
    const [from, to] = [printable(classNames[label]!), printable(classNames[predicted]!)];
    return `  ${from} taken for ${to}: ${count} (${percent(share)} of ${from})`;
  });
  return ["most confused", ...lines].join("\n");
}

/** Columns two spaces apart, the first flush left, the others flush right. */
function alignColumns(table: readonly (readonly string[])[]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const lines = table.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
  );
  return lines.join("\n");
}

/** A name that keeps to its column and cannot steer the terminal. */
function printable(name: string, width = MAX_NAME): string {
  const clean = name.replaceAll(/\p{C}/gu, "?");
  return clean.length <= width ? clean : `${clean.slice(0, width - 1)}…`;
}

function decimals(value: number): string {
  return value.toFixed(3);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
