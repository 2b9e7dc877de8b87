import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import type { Callback } from "../callback.js";
import { Monitor, type MonitorMode } from "../monitor.js";
import { currentRate, requirePlainRate } from "./learningRateScheduler.js";

/** Options of {@link reduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** The result to watch. Default `val_loss`. */
  readonly monitor?: string;
  /** What the rate is multiplied by, from 0 to below 1. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement before the rate falls. Default 10. */
  readonly patience?: number;
  /** Default auto: larger is better for accuracies, smaller for losses. */
  readonly mode?: MonitorMode;
  /** The least change that counts as better. Default 0.0001. */
  readonly minDelta?: number;
  /** Epochs after a fall that do not count. Default 0. */
  readonly cooldown?: number;
  /** The rate falls no further than this. Default 0. */
  readonly minLr?: number;
}

/**
 * Lowers the learning rate when a result has not improved for `patience` epochs: rate · factor.
 *
 * @throws UNKNOWN_NAME when no result has the monitored name
 * @throws BAD_ARGUMENT when the factor is not below 1, or the optimizer has a schedule
 * @example
 * await model.fit(train, {
 *   epochs: 50,
 *   validation: 0.1,
 *   callbacks: [callbacks.reduceLROnPlateau({ factor: 0.5, patience: 3 })],
 * });
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  const where = "reduceLROnPlateau";
  checkOptions(where, options, ["monitor", "factor", "patience", "mode", "minDelta", "cooldown", "minLr"]);
  const { monitor: name = "val_loss", factor = 0.1, patience = 10, mode, minDelta = 1e-4, cooldown = 0, minLr = 0 } = options;
  if (!(factor >= 0 && factor < 1)) throw badOption(where, "factor", "a number from 0 to below 1", factor);
  for (const [option, count] of Object.entries({ patience, cooldown })) {
    if (!(Number.isInteger(count) && count >= 0)) throw badOption(where, option, "a whole number of at least 0", count);
  }
  if (!(minLr >= 0)) throw badOption(where, "minLr", "a number of at least 0", minLr);
  let monitor = new Monitor(name, mode, minDelta);
  let wait = 0;
  let resting = 0;
  return {
    name: where,
    reset() {
      monitor = new Monitor(name, mode, minDelta);
      wait = resting = 0;
    },
    onTrainBegin(context) {
      requirePlainRate(where, context);
      monitor.checkBegin(context, where);
    },
    onEpochEnd(_epoch, logs, context) {
      if (resting > 0) {
        resting--;
        wait = 0;
      }
      if (monitor.improved(logs, where)) wait = 0;
      else if (resting <= 0 && ++wait >= patience) {
        const rate = currentRate(context);
        if (rate <= minLr) return;
        context.optimizer.learningRate = Math.max(rate * factor, minLr);
        resting = cooldown;
        wait = 0;
      }
    },
    state: () => ({ values: { wait, resting, best: monitor.best } }),
    restore({ values }) {
      monitor = new Monitor(name, mode, minDelta);
      monitor.best = values["best"] as number;
      wait = values["wait"] as number;
      resting = values["resting"] as number;
    },
  };
}
