import type { EngineOptions, Model } from "nacre";
import type { Clock } from "./clock.js";

/** How the random values of a column are drawn: normal, uniform in [0, 1), or whole numbers below a limit. */
export type Values = "normal" | "uniform" | { readonly below: number };

/** One column of the data. */
export interface ColumnSpec {
  readonly name: string;
  /** Shape of one row. */
  readonly shape: readonly number[];
  readonly values: Values;
}

/** What a peer is told of a workload; the Python peers read it as JSON. */
export interface WorkloadSpec {
  readonly name: string;
  /** Rows in a step. */
  readonly batch: number;
  readonly inputs: readonly ColumnSpec[];
  /** `"input"`: the first input itself. */
  readonly label: Omit<ColumnSpec, "name"> | "input";
  /** Cross-entropy from logits: over classes (whole-number labels), or of yes and no (labels from 0 to 1). */
  readonly loss: "softmax" | "sigmoid";
  /** Trained numbers in the network; every peer must have built as many. */
  readonly parameters: number;
}

/** A workload and its network in Nacre. */
export interface Workload extends WorkloadSpec {
  readonly build: () => Model;
}

/** How long to measure. */
export interface Measuring {
  /** Fewest measured steps. */
  readonly steps: number;
  /** Seconds that the measured steps last at least. */
  readonly seconds: number;
  /** Seconds after which a process ends with the steps it has. */
  readonly limit: number;
}

export type RuleName = NonNullable<EngineOptions["withoutRules"]>[number];

/** What a peer's process is started with. */
export interface Job extends Measuring {
  readonly peer: string;
  readonly workload: WorkloadSpec;
  readonly threads: number;
  /** Batches of data, made once and gone through again and again. */
  readonly batches: number;
  /** Rewrite rules that Nacre leaves out. */
  readonly without: readonly RuleName[];
}

/** What a JavaScript peer measured. */
export interface Measured {
  readonly clock: Clock;
  /** Trained numbers in the network that it built. */
  readonly parameters: number;
  /** The loss of the last step. */
  readonly loss: number;
}

/** What a peer's process reports, as JSON in the last line of its output. */
export interface Report {
  readonly times_ms: readonly number[];
  readonly first_step_s: number;
  readonly peak_rss_mb: number;
  readonly parameters: number;
  readonly loss: number;
}
