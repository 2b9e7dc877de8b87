import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import type { Callback, FitContext } from "../callback.js";
import { Monitor, type MonitorMode } from "../monitor.js";

/** Options of {@link modelCheckpoint}. */
export interface ModelCheckpointOptions {
  /** The file; `{epoch}` stands for the epoch's number, from 1. */
  readonly path: string;
  /** Whether only weights are saved, in the format that `path` names: `.safetensors` or `.weights.h5`. Default false. */
  readonly saveWeightsOnly?: boolean;
  /** The result to watch when only the best is kept. Default `val_loss`. */
  readonly monitor?: string;
  /** Default auto. */
  readonly mode?: MonitorMode;
  /** Whether to save only when the result has improved. Default false. */
  readonly saveBestOnly?: boolean;
  /** What the first result must be better than when only the best is kept. Default none. */
  readonly initialValueThreshold?: number | null;
  /** After each epoch, or after so many batches of each epoch, at least 1. Default epoch. */
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
  checkOptions(where, options, ["path", "saveWeightsOnly", "monitor", "mode", "saveBestOnly", "initialValueThreshold", "saveFreq"]);
  const { saveBestOnly = false, saveFreq = "epoch", saveWeightsOnly = false } = options;
  if (saveFreq !== "epoch" && !(Number.isInteger(saveFreq) && saveFreq >= 1)) {
    throw badOption(where, "saveFreq", '"epoch" or a whole number of at least 1', saveFreq);
  }
  if (saveFreq !== "epoch" && saveBestOnly) {
    throw badOption(where, "saveBestOnly", "false where saveFreq counts batches: results are known after an epoch", saveBestOnly);
  }
  let monitor = create();

  function create(): Monitor {
    const made = new Monitor(options.monitor ?? "val_loss", options.mode);
    made.best = options.initialValueThreshold ?? made.best;
    return made;
  }
  const save = async (epoch: number, context: FitContext): Promise<void> => {
    const path = options.path.replaceAll("{epoch}", String(epoch + 1));
    if (saveWeightsOnly) await context.model.saveWeights(path);
    else context.save(path);
  };
  let current = 0;
  return {
    name: "modelCheckpoint",
    reset() {
      monitor = create();
    },
    onTrainBegin(context) {
      if (saveBestOnly) monitor.checkBegin(context, where);
    },
    onEpochBegin(epoch) {
      current = epoch;
    },
    async onBatchEnd(batch, _logs, context) {
      if (saveFreq !== "epoch" && (batch + 1) % saveFreq === 0) await save(current, context);
    },
    async onEpochEnd(epoch, logs, context) {
      if (saveFreq !== "epoch") return;
      if (!saveBestOnly || monitor.improved(logs, where)) await save(epoch, context);
    },
    state: () => ({ values: { best: monitor.best } }),
    restore({ values }) {
      monitor = create();
      monitor.best = values["best"] as number;
    },
  };
}
