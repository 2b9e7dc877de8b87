import { checkOptions } from "../../error.js";
import type { StoredTensor } from "../../files/safetensors.js";
import type { Callback, FitContext } from "../callback.js";
import { Monitor, type MonitorMode } from "../monitor.js";

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions {
  /** The result to watch. Default `val_loss`. */
  readonly monitor?: string;
  /** The least change that counts as better. Default 0. */
  readonly minDelta?: number;
  /** Epochs without improvement before training stops. Default 0. */
  readonly patience?: number;
  /** Default auto: larger is better for accuracies, smaller for losses. */
  readonly mode?: MonitorMode;
  /** Whether the weights of the best epoch are put back at the end. Default false. */
  readonly restoreBestWeights?: boolean;
  /** Epochs before watching begins. Default 0. */
  readonly startFromEpoch?: number;
  /** What the result must be better than for patience to begin anew. Default none. */
  readonly baseline?: number | null;
}

/**
 * Stops training when a result has not improved for `patience` epochs.
 *
 * @throws UNKNOWN_NAME when no result has the monitored name
 * @example
 * await model.fit(train, {
 *   epochs: 100,
 *   validation: 0.1,
 *   callbacks: [callbacks.earlyStopping({ patience: 5, restoreBestWeights: true })],
 * });
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const where = "earlyStopping";
  checkOptions(where, options, ["monitor", "minDelta", "patience", "mode", "restoreBestWeights", "startFromEpoch", "baseline"]);
  const { patience = 0, restoreBestWeights = false, startFromEpoch = 0, baseline = null } = options;
  let monitor = create();
  let wait = 0;
  let bestEpoch = -1;
  let bestWeights = new Map<string, StoredTensor>();

  function create(): Monitor {
    return new Monitor(options.monitor ?? "val_loss", options.mode, options.minDelta);
  }

  return {
    name: "earlyStopping",
    reset() {
      monitor = create();
      wait = 0;
      bestEpoch = -1;
      bestWeights = new Map();
    },
    onTrainBegin: (context) => monitor.checkBegin(context, where),
    async onEpochEnd(epoch, logs, context) {
      if (epoch < startFromEpoch) return;
      wait++;
      if (monitor.improved(logs, where)) {
        bestEpoch = epoch;
        if (restoreBestWeights) bestWeights = await snapshot(context);
        if (baseline === null || monitor.isBetter(monitor.best, baseline)) wait = 0;
        return;
      }
      if (wait >= patience) {
        const best = bestEpoch < 0 ? "at all" : `on ${monitor.best.toPrecision(4)} of epoch ${bestEpoch + 1}`;
        context.stop(`${monitor.name} has not improved ${best}`);
      }
    },
    onTrainEnd(_history, { model }) {
      if (!restoreBestWeights) return;
      for (const variable of model.variables) {
        const best = bestWeights.get(model.pathOf(variable));
        if (best !== undefined) variable.assign(best.data as ArrayLike<number>);
      }
    },
    state: () => ({ values: { wait, bestEpoch, best: monitor.best }, tensors: bestWeights }),
    restore({ values, tensors }) {
      wait = values["wait"] as number;
      bestEpoch = values["bestEpoch"] as number;
      monitor = create();
      monitor.best = values["best"] as number;
      bestWeights = new Map(tensors);
    },
  };
}

/** Copies of all weights on the host, by path. */
async function snapshot({ model }: FitContext): Promise<Map<string, StoredTensor>> {
  const weights = new Map<string, StoredTensor>();
  for (const variable of model.variables) {
    weights.set(model.pathOf(variable), { dtype: variable.dtype, shape: variable.shape, data: await variable.read() });
  }
  return weights;
}
