import { checkOptions } from "../../error.js";
import type { Callback } from "../callback.js";
import { Monitor, type MonitorMode } from "../monitor.js";

/** Options of {@link modelCheckpoint}. */
export interface ModelCheckpointOptions {
  /** The file; `{epoch}` stands for the epoch's number, from 1. */
  readonly path: string;
  /** The result to watch when only the best is kept. Default `val_loss`. */
  readonly monitor?: string;
  /** Default auto. */
  readonly mode?: MonitorMode;
  /** Whether to save only when the result has improved. Default false. */
  readonly saveBestOnly?: boolean;
  /** After each epoch, or after so many batches. Default epoch. */
  readonly saveFreq?: "epoch" | number;
}

/**
 * Saves the model during training, so that it can go on from there.
 *
 * @throws FILE_ACCESS when the file cannot be written
 * @example
 * await model.fit(train, { callbacks: [callbacks.modelCheckpoint({ path: "out/epoch-{epoch}.nacre" })] });
 */
export function modelCheckpoint(options: ModelCheckpointOptions): Callback {
  const where = "modelCheckpoint";
  checkOptions(where, options, ["path", "monitor", "mode", "saveBestOnly", "saveFreq"]);
  const { saveBestOnly = false, saveFreq = "epoch" } = options;
  let monitor = create();

  function create(): Monitor {
    return new Monitor(options.monitor ?? "val_loss", options.mode);
  }
  const pathAt = (epoch: number): string => options.path.replace("{epoch}", String(epoch + 1));
  let current = 0;
  return {
    name: `modelCheckpoint ${options.path}`,
    reset() {
      monitor = create();
    },
    onEpochBegin(epoch) {
      current = epoch;
    },
    async onBatchEnd(batch, _logs, { model }) {
      if (typeof saveFreq === "number" && (batch + 1) % saveFreq === 0) await model.save(pathAt(current));
    },
    async onEpochEnd(epoch, logs, { model }) {
      if (saveFreq !== "epoch") return;
      if (!saveBestOnly || monitor.improved(logs, where)) await model.save(pathAt(epoch));
    },
    state: () => ({ values: { best: Number.isFinite(monitor.best) ? monitor.best : null } }),
    restore({ values }) {
      monitor = create();
      if (values["best"] !== null) monitor.best = values["best"] as number;
    },
  };
}
