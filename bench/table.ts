import type { Outcome } from "./result.js";
import type { WorkloadSpec } from "./workload.js";

const HEADINGS = ["peer", "median ms", "min ms", "first step s", "peak RSS MB", "steps", "time / nacre"];

/** The outcomes of one workload side by side. */
export function formatTable(workload: WorkloadSpec, outcomes: readonly Outcome[]): string {
  const own = outcomes.find(({ peer }) => peer === "nacre");
  const base = own !== undefined && "result" in own ? own.result.median_ms : undefined;
  const rows = outcomes.map((outcome) => {
    if ("reason" in outcome) return { cells: [outcome.peer], reason: outcome.reason };
    const { median_ms, min_ms, first_step_s, peak_rss_mb } = outcome.result;
    const ratio = base === undefined ? "" : (median_ms / base).toFixed(2);
    const numbers = [milliseconds(median_ms), milliseconds(min_ms), first_step_s.toFixed(2), peak_rss_mb.toFixed(0)];
    return { cells: [outcome.peer, ...numbers, String(outcome.steps), ratio], reason: undefined };
  });
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  const title = `${workload.name}: batch ${workload.batch}, ${workload.parameters.toLocaleString("en")} parameters`;
  return [title, line(HEADINGS), ...rows.map(({ cells, reason }) => line(cells) + (reason === undefined ? "" : `  ${reason}`))].join("\n");
}

/** Three significant digits or more. */
function milliseconds(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 100 ? 2 : 0);
}
