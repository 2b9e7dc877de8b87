import { checkOptions } from "../../error.js";
import { badOption } from "../../options.js";
import type { Callback, FitContext } from "../callback.js";
import type { Logs } from "../totals.js";
import { currentRate } from "./learningRateScheduler.js";

/** Options of {@link tensorBoard}. */
export interface TensorBoardOptions {
  /** The folder that TensorBoard is pointed at; results go to its folders `train` and `validation`. Default `logs`. */
  readonly logDir?: string;
  /** After each epoch only, or also after so many batches, at least 1. Default epoch. */
  readonly updateFreq?: "epoch" | number;
  /** After how many epochs histograms of the weights are written; 0 for never. Default 0. */
  readonly histogramFreq?: number;
}

/**
 * Writes event files that TensorBoard shows: losses, metrics and the learning rate by epoch, and by
 * batch or as histograms of weights when asked. Needs nothing of TensorBoard itself.
 *
 * @throws FILE_ACCESS when the folder cannot be written
 * @example
 * await model.fit(train, { epochs: 2, callbacks: [callbacks.tensorBoard({ logDir: "out/logs" })] });
 */
export function tensorBoard(options: TensorBoardOptions = {}): Callback {
  const where = "tensorBoard";
  checkOptions(where, options, ["logDir", "updateFreq", "histogramFreq"]);
  const { logDir = "logs", updateFreq = "epoch", histogramFreq = 0 } = options;
  if (updateFreq !== "epoch" && !(Number.isInteger(updateFreq) && updateFreq >= 1)) {
    throw badOption(where, "updateFreq", '"epoch" or a whole number of at least 1', updateFreq);
  }
  if (typeof logDir !== "string" || logDir === "") throw badOption(where, "logDir", "the name of a folder", logDir);
  if (!(Number.isInteger(histogramFreq) && histogramFreq >= 0)) {
    throw badOption(where, "histogramFreq", "a whole number of at least 0", histogramFreq);
  }
  let writers = new Map<string, Promise<EventWriter>>();

  const writer = (folder: string): Promise<EventWriter> => {
    const known = writers.get(folder) ?? import("./eventWriter.js").then((room) => room.EventWriter.open(`${logDir}/${folder}`));
    writers.set(folder, known);
    return known;
  };
  const write = async (folder: string, step: number, scalars: readonly (readonly [string, number])[]): Promise<void> => {
    if (scalars.length > 0) await (await writer(folder)).scalars(step, scalars);
  };

  return {
    name: where,
    onTrainBegin: () => void (writers = new Map()),
    async onBatchEnd(_batch, logs, { optimizer }) {
      if (updateFreq === "epoch" || optimizer.step % updateFreq !== 0) return;
      await write("train", optimizer.step, named(logs(), "batch_"));
    },
    async onEpochEnd(epoch, logs, context) {
      const entries = Object.entries(logs);
      const validated = entries.filter(([name]) => name.startsWith("val_")).map(([name, value]): [string, number] => [name.slice(4), value]);
      const trained = Object.fromEntries(entries.filter(([name]) => !name.startsWith("val_")));
      await write("train", epoch, [...named(trained, "epoch_"), ["epoch_learning_rate", currentRate(context)]]);
      await write("validation", epoch, named(Object.fromEntries(validated), "epoch_"));
      if (histogramFreq > 0 && epoch % histogramFreq === 0) await histograms(await writer("train"), epoch, context);
    },
  };
}

type EventWriter = import("./eventWriter.js").EventWriter;

function named(logs: Logs, prefix: string): [string, number][] {
  return Object.entries(logs).map(([name, value]) => [prefix + name, value]);
}

async function histograms(writer: EventWriter, epoch: number, { model }: FitContext): Promise<void> {
  for (const variable of model.variables) {
    const values = await variable.read();
    if (variable.dtype === "float32") await writer.histogram(epoch, model.pathOf(variable), values as Float32Array);
  }
}
