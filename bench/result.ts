import type { PeerName } from "./peers.js";
import type { Report } from "./workload.js";

/** One line of `--json`. */
export interface Result {
  readonly peer: PeerName;
  readonly workload: string;
  readonly median_ms: number;
  readonly min_ms: number;
  /** Seconds from building the network to the end of the first step; the longest of all rounds. */
  readonly first_step_s: number;
  readonly peak_rss_mb: number;
}

/** What became of a peer on a workload: a result over so many steps, or the reason why there is none. */
export type Outcome =
  | { readonly peer: PeerName; readonly result: Result; readonly steps: number }
  | { readonly peer: PeerName; readonly reason: string };

/** The reports of all rounds in one; a peer that failed once, or built another network, has failed. */
export function outcomeOf(
  peer: PeerName,
  workload: { readonly name: string; readonly parameters: number },
  reports: readonly (Report | string)[],
): Outcome {
  const sound: Report[] = [];
  for (const report of reports) {
    if (typeof report === "string") return { peer, reason: report };
    if (report.parameters !== workload.parameters) {
      return { peer, reason: `built ${report.parameters} parameters, not ${workload.parameters}` };
    }
    if (!Number.isFinite(report.loss)) return { peer, reason: "the loss is no number" };
    sound.push(report);
  }
  const times = sound.flatMap((report) => report.times_ms).sort((a, b) => a - b);
  const largest = (field: "first_step_s" | "peak_rss_mb"): number => Math.max(...sound.map((report) => report[field]));
  const result: Result = {
    peer,
    workload: workload.name,
    median_ms: rounded(median(times), 4),
    min_ms: rounded(times[0]!, 4),
    first_step_s: rounded(largest("first_step_s"), 3),
    peak_rss_mb: rounded(largest("peak_rss_mb"), 1),
  };
  return { peer, result, steps: times.length };
}

/** Of sorted numbers. */
function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** The lines of `--json`: one object for each result. */
export function jsonLines(outcomes: readonly Outcome[]): string {
  return outcomes.map((outcome) => ("result" in outcome ? `${JSON.stringify(outcome.result)}\n` : "")).join("");
}
