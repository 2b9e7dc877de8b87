import type { Audit, ClassCount, ColumnSummary, ValueSummary } from "./audit.js";

const WIDTH = 80;
/** More classes than this are shown by their largest and smallest. */
const MAX_CLASSES = 20;
/** More features than this are shown by their column alone. */
const MAX_FEATURES = 40;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** An audit as text for a terminal of 80 columns. */
export function formatAudit(audit: Omit<Audit, "toString">): string {
  const title = `${audit.name ?? "Dataset"}: ${count(audit.rows, "row")}`;
  const parts = [[clip(title, WIDTH)], columnTable(audit.columns)];
  if (audit.classes.length > 0) parts.push(classTable(audit.classes));
  parts.push(findings(audit));
  return parts.map((lines) => lines.join("\n")).join("\n\n");
}

function columnTable(columns: readonly ColumnSummary[]): string[] {
  const lines = [valueLine("column", "", "min", "max", "mean", "missing")];
  for (const column of columns) {
    const shape = column.shape.length === 0 ? "" : ` [${column.shape.join(", ")}]`;
    const kind = `${column.role}  ${column.dtype}${shape}`;
    const listed = column.features.length > 1 && column.features.length <= MAX_FEATURES;
    // Numbers over features that are listed below it would mix their units.
    if (listed) lines.push(`  ${clip(column.name, 17).padEnd(18)}${kind}`);
    else lines.push(summaryLine(column.name, kind, column));
    if (listed) lines.push(...column.features.map((feature) => summaryLine(`  ${feature.name}`, "", feature)));
  }
  return lines;
}

function summaryLine(name: string, kind: string, summary: ValueSummary): string {
  const { min, max, mean, missing, infinite } = summary;
  return valueLine(name, kind, number(min), number(max), number(mean), missing + infinite === 0 ? "-" : number(missing));
}

function valueLine(name: string, kind: string, min: string, max: string, mean: string, missing: string): string {
  // A long name runs on into the empty place of the kind.
  const head = kind === "" ? clip(name, 42).padEnd(43) : `${clip(name, 17).padEnd(18)}${clip(kind, 24).padEnd(25)}`;
  return `  ${head}${min.padStart(9)}${max.padStart(9)}${mean.padStart(9)}${missing.padStart(8)}`;
}

function classTable(classes: readonly ClassCount[]): string[] {
  const most = Math.max(...classes.map((one) => one.count));
  const lines = [`  ${"class".padEnd(24)}${"rows".padStart(9)}${"share".padStart(8)}`];
  for (const one of shownClasses(classes)) {
    if (one === undefined) lines.push(`  … ${classes.length - MAX_CLASSES} more`);
    else {
      const share = `${(one.share * 100).toFixed(1)}%`;
      lines.push(`  ${clip(one.name, 23).padEnd(24)}${grouped(one.count).padStart(9)}${share.padStart(8)}  ${bar(one.count / most, 34)}`);
    }
  }
  return lines;
}

function shownClasses(classes: readonly ClassCount[]): readonly (ClassCount | undefined)[] {
  if (classes.length <= MAX_CLASSES) return classes;
  const sorted = [...classes].sort((a, b) => b.count - a.count);
  return [...sorted.slice(0, MAX_CLASSES / 2), undefined, ...sorted.slice(-MAX_CLASSES / 2)];
}

function findings(audit: Omit<Audit, "toString">): string[] {
  const { imbalance, duplicates, conflictingDuplicates: conflicts, constantColumns, missing, nonFinite } = audit;
  const places = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, n]) => `${name} (${grouped(n)})`);
  const lines: [title: string, bad: boolean, text: string][] = [];
  if (imbalance !== undefined) {
    const single = audit.classes.length === 1;
    lines.push(["imbalance", single || imbalance > 3, single ? "one class only: nothing to tell apart" : describeImbalance(imbalance)]);
  }
  lines.push(
    ["duplicates", duplicates.rows > 0, `${count(duplicates.rows, "extra copy", "extra copies")} of ${count(duplicates.groups, "row")}`],
    ["conflicts", conflicts.rows > 0, `${count(conflicts.rows, "row")} with equal inputs but different labels`],
    ["constant", constantColumns.length > 0, `${count(constantColumns.length, "feature")}: ${constantColumns.join(", ")}`],
    ["missing", Object.keys(missing).length > 0, places(missing).join(", ")],
    ["infinite", Object.keys(nonFinite).length > 0, places(nonFinite).join(", ")],
  );
  return lines.map(([title, bad, text]) => {
    const none = !bad && title !== "imbalance";
    return clip(`  ${bad ? "!" : "✓"} ${title.padEnd(12)}${none ? "none" : text}`, WIDTH);
  });
}

function describeImbalance(ratio: number): string {
  if (ratio === Infinity) return "a class without rows";
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)} to 1, largest to smallest class`;
}

function bar(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  return "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}

/** At most seven characters or so: whole numbers grouped, others to four significant digits. */
function number(value: number): string {
  if (Number.isNaN(value)) return "-";
  const size = Math.abs(value);
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return value.toExponential(1);
  return Number.isInteger(value) || size >= 1e4 ? grouped(Math.round(value)) : String(Number(value.toPrecision(4)));
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
