import { type ArrayData, Dataset, fromArrays } from "../../data/index.js";
import { NacreError } from "../../error.js";
import { binaryCrossentropy } from "../../losses/index.js";
import { adam } from "../../optimizers/index.js";
import { resolveOptions } from "../../options.js";
import { foldIn, keyOf, normals } from "../../random/index.js";
import { Model } from "../model.js";
import type { Gan } from "./gan.js";

/** What one pass over the images has come to: the means of both losses. */
export interface GanLogs {
  /** Counted from 0. */
  readonly epoch: number;
  readonly generatorLoss: number;
  readonly discriminatorLoss: number;
}

/** Options of {@link trainGan}. */
export interface TrainGanOptions {
  /** Passes over the images. Default 1. */
  readonly epochs?: number;
  /** Real images in a step; as many are made up. Default 128. */
  readonly batchSize?: number;
  /** Of Adam, for both networks. Default 0.0001. */
  readonly learningRate?: number;
  /** Of weights, noise and order. Default 0. */
  readonly seed?: number;
  /** Called after each pass. Default none. */
  readonly onEpoch?: (logs: GanLogs) => void | Promise<void>;
  /** Ends the training after the step that is running. Default none. */
  readonly signal?: AbortSignal;
}

const DEFAULTS = {
  epochs: 1,
  batchSize: 128,
  learningRate: 1e-4,
  seed: 0,
  onEpoch: undefined as TrainGanOptions["onEpoch"],
  signal: undefined as AbortSignal | undefined,
};

/**
 * Trains a generative adversarial network on images in [−1, 1]: in each step the discriminator
 * learns to tell a batch of real images from one of made-up ones, and then the generator learns to
 * make images that the discriminator takes for real. Resolves to the logs of each pass.
 *
 * @throws ABORTED when the signal was aborted
 * @example
 * const networks = gan({ inputShape: [8, 8, 1], latentDim: 4, width: 0.05 });
 * const images = { data: random.uniforms(random.keyOf(1), 32 * 64).map((u) => 2 * u - 1), shape: [32, 8, 8, 1] };
 * const [logs] = await trainGan(networks, images, { batchSize: 16 });
 * console.log(logs.discriminatorLoss < 1); // true
 */
export async function trainGan({ generator, discriminator }: Gan, images: Dataset | ArrayData, options: TrainGanOptions = {}): Promise<GanLogs[]> {
  const config = resolveOptions("trainGan", DEFAULTS, options as Partial<typeof DEFAULTS>);
  const { epochs, batchSize, learningRate, seed, onEpoch, signal } = config;
  const data = images instanceof Dataset ? images : fromArrays({ inputs: images });
  const column = data.inputs[0]!;
  const loss = binaryCrossentropy({ fromLogits: true });
  generator.initialize(seed);
  discriminator.initialize(seed);
  discriminator.compile({ optimizer: adam({ learningRate }), loss });
  // The same discriminator, but one that does not learn: the generator is to please it, not to change it.
  const judge = new Model({ inputs: discriminator.inputs, outputs: discriminator.outputs, name: "judge" });
  judge.trainable = false;
  const adversary = new Model({ inputs: generator.inputs, outputs: judge(generator.outputs[0]!) });
  adversary.compile({ optimizer: adam({ learningRate }), loss });

  const latentDim = Number(generator.inputs[0]!.shape[1]);
  let draws = 0;
  const noise = (rows: number): Float32Array => normals(foldIn(keyOf(seed), draws++), rows * latentDim);

  const history: GanLogs[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const sums = { generator: 0, discriminator: 0, steps: 0 };
    for await (const batch of data.batches({ batchSize, epoch, shuffle: true, seed })) {
      if (signal?.aborted === true) throw aborted(signal);
      const real = batch[column]!;
      const rows = real.shape[0]!;
      const made = await (await generator.predict(noise(rows))).data();
      const both = { data: new Float32Array(2 * made.length), shape: [2 * rows, ...real.shape.slice(1)] };
      both.data.set(real.data as ArrayLike<number>);
      both.data.set(made as ArrayLike<number>, made.length);
      sums.discriminator += (await discriminator.trainOnBatch({ x: both, y: [...labels(rows, 1), ...labels(rows, 0)] })).loss;
      sums.generator += (await adversary.trainOnBatch({ x: { data: noise(rows), shape: [rows, latentDim] }, y: labels(rows, 1) })).loss;
      sums.steps++;
    }
    const logs = { epoch, generatorLoss: sums.generator / sums.steps, discriminatorLoss: sums.discriminator / sums.steps };
    history.push(logs);
    await onEpoch?.(logs);
  }
  return history;
}

function labels(rows: number, label: number): number[][] {
  return Array.from({ length: rows }, () => [label]);
}

function aborted(signal: AbortSignal): NacreError {
  return new NacreError({
    code: "ABORTED",
    where: "trainGan",
    expected: "to run to its end",
    received: "an aborted signal",
    cause: signal.reason,
  });
}
