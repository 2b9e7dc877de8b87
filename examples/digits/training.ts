import { access, mkdir, rm } from "node:fs/promises";
import { type History, type Model, NacreError, callbacks, layers, load, losses, sequential } from "nacre";
import type { Dataset } from "nacre/data";
import { Stop } from "./stop.js";
import { stopwatch } from "./stopwatch.js";

/** A trained network and how it got there. */
export interface Trained {
  readonly model: Model<"accuracy">;
  readonly history: History;
  /** Spent on training, interruptions left out. */
  readonly seconds: number;
}

function build(): Model<"accuracy"> {
  return sequential([
    layers.input([8, 8, 1]),
    layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
    layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
    layers.maxPooling2d(),
    layers.conv2d({ filters: 64, kernelSize: 3, padding: "same", activation: "relu" }),
    layers.flatten(),
    layers.dropout({ rate: 0.4 }),
    layers.dense({ units: 10, activation: "softmax" }),
  ]).compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy(), metrics: ["accuracy"] });
}

/** Trains the network; Ctrl-C saves a checkpoint, from which the next call goes on. */
export async function trainNetwork(train: Dataset, seed: number, epochs: number, out: string): Promise<Trained> {
  const checkpoint = `${out}/digits-seed${seed}-epochs${epochs}.checkpoint.nacre`;
  const resume = await access(checkpoint).then(() => true, () => false);
  const model = resume ? await reopen(checkpoint) : build();
  if (resume) console.log(`Going on from ${checkpoint}`);
  else console.log(model.summary());

  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once("SIGINT", onInterrupt);
  const watch = stopwatch();
  try {
    const history = await model.fit(train, {
      epochs,
      batchSize: 32,
      validation: 0.1,
      seed,
      resume,
      signal: interrupt.signal,
      callbacks: [callbacks.earlyStopping({ patience: 8, restoreBestWeights: true }), watch],
    });
    const seconds = watch.seconds();
    await rm(checkpoint, { force: true });
    return { model, history, seconds };
  } catch (error) {
    if (!(error instanceof NacreError) || error.code !== "ABORTED") throw error;
    await mkdir(out, { recursive: true });
    await model.save(checkpoint);
    console.log(`\nInterrupted. Saved ${checkpoint}; the same command goes on from there.`);
    process.exit(130);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

async function reopen(checkpoint: string): Promise<Model<"accuracy">> {
  try {
    return (await load(checkpoint)) as Model<"accuracy">;
  } catch (error) {
    if (!(error instanceof NacreError)) throw error;
    throw new Stop(`${error.message}\nOr delete ${checkpoint} to train from the beginning.`);
  }
}
