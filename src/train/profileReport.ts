import type { ProfileEvent } from "../engine/profile.js";
import { OPTIMIZER_SCOPE } from "./program.js";

/** When a step began and ended on the host, in ms of its clock. */
export interface HostStep {
  readonly begin: number;
  readonly end: number;
}

/** What a part of a step's work is for. */
export type ProfilePhase = "forward" | "backward" | "optimizer" | "other";

/** Time of one kind of work in a step. */
export interface ProfileRow {
  readonly name: string;
  /** Mean time in a step, in ms. */
  readonly ms: number;
  /** Share of the time in kernels, from 0 to 1. */
  readonly share: number;
  /** How often it runs in a step. */
  readonly calls: number;
}

/** Time of a layer in a step, in ms. */
export interface LayerProfile extends ProfileRow {
  readonly forwardMs: number;
  readonly backwardMs: number;
}

/** A run of one node. */
interface Kernel {
  readonly op: string;
  readonly layer: string;
  readonly phase: ProfilePhase;
  readonly event: ProfileEvent;
}

/** So many rows a table shows; the object has all. */
const ROWS_SHOWN = 12;

/** Where the time of training steps goes. Times are means of the measured steps, in ms. */
export class Profile {
  /** Measured steps. */
  readonly steps: number;
  /** A whole step as training runs it: the median. */
  readonly stepMs: number;
  /** A whole step while it was watched: the mean, of which all other times are parts. */
  readonly watchedMs: number;
  /** Time in kernels. */
  readonly kernelMs: number;
  /** Time in ONNX Runtime between its kernels. */
  readonly runtimeMs: number;
  /** Time outside ONNX Runtime: data, checks, feeding and reading. */
  readonly hostMs: number;
  /** {@link hostMs} as a share of {@link watchedMs}. */
  readonly hostShare: number;
  /** By what the work is for; the loss is part of forward and backward, metrics of forward. */
  readonly phases: readonly ProfileRow[];
  /** By ONNX op. */
  readonly ops: readonly ProfileRow[];
  /** By layer, with `loss` and `optimizer` beside them; the most costly first. */
  readonly layers: readonly LayerProfile[];
  readonly #kernels: readonly Kernel[];
  readonly #runs: readonly ProfileEvent[];
  readonly #watched: readonly HostStep[];

  /** @internal Made by `model.profile`. */
  constructor(plain: readonly HostStep[], watched: readonly HostStep[], events: readonly ProfileEvent[]) {
    this.steps = watched.length;
    const runs = events.filter(({ name }) => name === "model_run").slice(-this.steps);
    const start = runs[0]?.ts ?? 0;
    const kernels = events.filter(({ cat, name, ts }) => cat === "Node" && name.endsWith(KERNEL) && ts >= start).map(kernelOf);
    this.#kernels = kernels;
    this.#runs = runs;
    this.#watched = watched;
    this.stepMs = median(plain.map(lengthOf));
    this.watchedMs = sum(watched.map(lengthOf)) / this.steps;
    const runMs = sum(runs.map(({ dur }) => dur)) / 1000 / this.steps;
    this.kernelMs = this.#perStep(kernels);
    this.runtimeMs = Math.max(0, runMs - this.kernelMs);
    this.hostMs = Math.max(0, this.watchedMs - runMs);
    this.hostShare = this.hostMs / this.watchedMs;
    this.phases = this.#rows(({ phase }) => phase);
    this.ops = this.#rows(({ op }) => op);
    this.layers = this.#rows(({ layer }) => layer).map((row) => {
      const own = kernels.filter(({ layer }) => layer === row.name);
      return {
        ...row,
        forwardMs: this.#perStep(own.filter(({ phase }) => phase === "forward")),
        backwardMs: this.#perStep(own.filter(({ phase }) => phase === "backward")),
      };
    });
  }

  /** The measured steps for `chrome://tracing` or Perfetto: what the host and each kernel did, as JSON. */
  toTrace(): string {
    // Two clocks: a step cannot end on the host before its run did.
    const shift = Math.max(...this.#runs.map(({ ts, dur }, i) => ts + dur - this.#watched[i]!.end * 1000));
    const event = (tid: number, cat: string, name: string, ts: number, dur: number, args: object = {}): object =>
      ({ ph: "X", pid: 1, tid, cat, name, ts: Math.round(ts * 10) / 10, dur: Math.round(dur * 10) / 10, args });
    const named = (tid: number, name: string): object => ({ ph: "M", pid: 1, tid, name: "thread_name", args: { name } });
    return JSON.stringify({
      traceEvents: [
        named(1, "steps"),
        named(2, "ONNX Runtime"),
        named(3, "kernels"),
        ...this.#watched.map(({ begin, end }, i) => event(1, "step", `step ${i}`, begin * 1000 + shift, (end - begin) * 1000)),
        ...this.#runs.map(({ ts, dur }) => event(2, "run", "run", ts, dur)),
        ...this.#kernels.map(({ op, layer, phase, event: { ts, dur, args } }) =>
          event(3, phase, op, ts, dur, { layer, phase, inputs: args["input_type_shape"], outputs: args["output_type_shape"] }),
        ),
      ],
    });
  }

  toString(): string {
    const share = (ms: number): string => `${ms.toFixed(3)} ms (${percent(ms / this.watchedMs)})`;
    const head = [
      `Step ${this.stepMs.toFixed(3)} ms, median of ${this.steps}; ${this.watchedMs.toFixed(3)} ms while watched:`,
      `kernels ${share(this.kernelMs)}, ONNX Runtime around them ${share(this.runtimeMs)}, host ${share(this.hostMs)}`,
    ];
    return [
      head.join("\n"),
      table("phase", this.phases),
      table("op", this.ops),
      table("layer", this.layers, [
        ["forward", ({ forwardMs }) => forwardMs.toFixed(3)],
        ["backward", ({ backwardMs }) => backwardMs.toFixed(3)],
      ]),
    ].join("\n\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #perStep(kernels: readonly Kernel[]): number {
    return sum(kernels.map(({ event }) => event.dur)) / 1000 / this.steps;
  }

  #rows(nameOf: (kernel: Kernel) => string): ProfileRow[] {
    const groups = new Map<string, Kernel[]>();
    for (const kernel of this.#kernels) {
      const name = nameOf(kernel);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [kernel]);
      else group.push(kernel);
    }
    return [...groups]
      .map(([name, group]) => {
        const ms = this.#perStep(group);
        return { name, ms, share: ms / this.kernelMs, calls: group.length / this.steps };
      })
      .sort((a, b) => b.ms - a.ms);
  }
}

const KERNEL = "_kernel_time";

/** What a node's name tells: `conv2d_1'/Conv_17` is work of the backward pass of `conv2d_1`. */
function kernelOf(event: ProfileEvent): Kernel {
  const scope = /^(.*)\/[A-Z]\w*_\d+/.exec(event.name)?.[1] ?? "";
  const layer = scope.replaceAll("'", "");
  return { op: String(event.args["op_name"]), layer: layer === "" ? "other" : layer, phase: phaseOf(scope), event };
}

function phaseOf(scope: string): ProfilePhase {
  if (scope === "") return "other";
  if (scope.split("/")[0] === OPTIMIZER_SCOPE) return "optimizer";
  return scope.includes("'") ? "backward" : "forward";
}

function table<R extends ProfileRow>(title: string, rows: readonly R[], more: readonly (readonly [string, (row: R) => string])[] = []): string {
  const lines = [
    [title, "ms", "share", "calls", ...more.map(([name]) => name)],
    ...rows.slice(0, ROWS_SHOWN).map((row) => [
      row.name,
      row.ms.toFixed(3),
      percent(row.share),
      String(Math.round(row.calls)),
      ...more.map(([, cell]) => cell(row)),
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  ").trimEnd(),
  );
  const hidden = rows.length - ROWS_SHOWN;
  return [...text, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function lengthOf({ begin, end }: HostStep): number {
  return end - begin;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
