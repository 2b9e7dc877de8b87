import { checkOptions } from "../../error.js";
import type { Callback, FitContext } from "../callback.js";
import type { Logs } from "../totals.js";

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** A line that is redrawn, or a line for each epoch. Default: a bar in a terminal, else lines. */
  readonly style?: "bar" | "lines";
  /** Where text goes. Default: standard output, or the console where there is none. */
  readonly write?: (text: string) => void;
  /** The least time between two redraws, in ms. Default 100. */
  readonly intervalMs?: number;
}

/** What of Node's `process` this needs; absent in browsers. */
interface Output {
  readonly stdout?: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
}

const BAR_WIDTH = 20;

/** Back to the start of the terminal's line, and all of it gone. */
const ERASE = "\r\u001b[2K";

/** When waiting for data is worth a word: above this share of an epoch, and this time in it. */
const MENTIONED_SHARE = 0.05;
const MENTIONED_MS = 100;

/**
 * Shows how training goes: epoch, step, loss, metrics and the time left.
 *
 * @example
 * await model.fit(train, { verbose: "silent", callbacks: [callbacks.progress({ style: "lines" })] });
 */
export function progress(options: ProgressOptions = {}): Callback {
  checkOptions("progress", options, ["style", "write", "intervalMs"]);
  const stdout = (globalThis as { process?: Output }).process?.stdout;
  const style = options.style ?? (stdout?.isTTY === true ? "bar" : "lines");
  const write = options.write ?? ((text: string) => (stdout === undefined ? console.log(text.trimEnd()) : stdout.write(text)));
  const intervalMs = options.intervalMs ?? 100;
  let epochStart = 0;
  let firstBatch = 0;
  /** When the first step was done, which may have compiled a program: it says nothing of the others. */
  let firstEnd = 0;
  let lastDraw = 0;
  let current = 0;
  /** Whether the cursor stands behind a bar. */
  let drawn = false;

  function redraw(line: string): void {
    const width = (stdout?.columns ?? 80) - 1;
    write(`${ERASE}${line.length > width ? `${line.slice(0, width - 1)}…` : line}`);
    drawn = true;
  }

  return {
    name: "progress",
    onEpochBegin(epoch) {
      current = epoch;
      epochStart = performance.now();
      firstBatch = -1;
    },
    onBatchEnd(batch, logs, context) {
      const now = performance.now();
      if (firstBatch < 0) {
        firstBatch = batch;
        firstEnd = now;
      }
      if (style !== "bar" || now - lastDraw < intervalMs) return;
      lastDraw = now;
      const done = batch + 1;
      const total = context.stepsPerEpoch;
      const perStep = (now - firstEnd) / (batch - firstBatch);
      const left = total === undefined || batch === firstBatch ? "" : ` ${duration(((total - done) + (context.epochs - current - 1) * total) * perStep)} left`;
      redraw(`${head(current, context)} ${bar(done, total)} ${done}/${total ?? "?"}${left}  ${formatLogs(logs())}`);
    },
    onEpochEnd(epoch, logs, context) {
      const elapsed = performance.now() - epochStart;
      const { dataWait } = context;
      const long = dataWait > MENTIONED_SHARE && dataWait * elapsed > MENTIONED_MS;
      const wait = long ? `  waited for data ${Math.round(100 * dataWait)} %` : "";
      const line = `${head(epoch, context)} ${duration(elapsed)}  ${formatLogs(logs)}${wait}`;
      // Not cut as bars are: it stays, and results of the validation are its end.
      write(style === "bar" ? `${ERASE}${line}\n` : `${line}\n`);
      drawn = false;
    },
    onTrainFail() {
      if (drawn) write("\n");
      drawn = false;
    },
    onTrainEnd(history) {
      if (history.stopped !== undefined) write(`Stopped: ${history.stopped}.\n`);
    },
  };
}

function head(epoch: number, { epochs }: FitContext): string {
  return `Epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`;
}

function bar(done: number, total: number | undefined): string {
  if (total === undefined) return "";
  const filled = Math.min(BAR_WIDTH, Math.round((done / total) * BAR_WIDTH));
  return `${"━".repeat(filled)}${"╌".repeat(BAR_WIDTH - filled)}`;
}

/** `loss 0.1234  accuracy 0.9876`. */
export function formatLogs(logs: Logs): string {
  return Object.entries(logs)
    .map(([name, value]) => `${name} ${Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(2)}`)
    .join("  ");
}

/** `0.8 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
