import { type Callback, type EngineOptions, type Model, NacreError, layers, losses, sequential, setEngine } from "nacre";
import { csv } from "nacre/data";

/** How to train. */
export interface DigitsTask {
  readonly csvText: string;
  readonly epochs: number;
  /** Training ends after so many batches, and nothing is evaluated. Default: none. */
  readonly maxSteps?: number;
  readonly engine: EngineOptions;
}

/** How training went. */
export interface DigitsResult {
  /** Loss of each of the first ten batches. */
  readonly losses: readonly number[];
  /** On the held-out rows. */
  readonly accuracy: number | undefined;
  readonly msPerStep: number;
  readonly crossOriginIsolated: boolean;
}

const BATCH_SIZE = 32;
const SEED = 1;

/** The network of the digits example, compiled. */
export function digitsNetwork(): Model<"accuracy"> {
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

/** Trains the network; the same numbers everywhere, up to rounding. */
export async function trainDigits({ csvText, epochs, maxSteps, engine }: DigitsTask): Promise<DigitsResult> {
  chooseEngine(engine);
  const digits = await csv({ text: csvText }, { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
  const { train, test } = await digits.split({ test: 0.2, stratify: true, seed: SEED });
  const model = digitsNetwork();
  const means: number[] = [];
  const times: number[] = [];
  const watch: Callback = {
    name: "watch",
    onBatchEnd: (_, logs, context) => {
      if (times.length + 1 === maxSteps) context.stop("enough");
      times.push(performance.now());
      if (means.length < 10) means.push(logs()["loss"]!);
    },
  };
  await model.fit(train, { epochs, batchSize: BATCH_SIZE, seed: SEED, verbose: "silent", callbacks: [watch] });
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  return {
    // The log holds the mean since the epoch began.
    losses: means.map((mean, i) => mean * (i + 1) - (means[i - 1] ?? 0) * i),
    accuracy: maxSteps === undefined ? (await model.evaluate(test)).accuracy : undefined,
    msPerStep: steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)]!,
    crossOriginIsolated: globalThis.crossOriginIsolated,
  };
}

/** Chooses an engine; a second task in one place goes on with that of the first. */
export function chooseEngine(options: EngineOptions): void {
  try {
    setEngine(options);
  } catch (error) {
    if (!(error instanceof NacreError) || error.code !== "BAD_ARGUMENT") throw error;
  }
}
