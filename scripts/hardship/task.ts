import { callbacks, type FitOptions, fromBytes, layers, type Model, sequential } from "../../src/index.node.js";

const ROWS = 60;

/** A small training with all that has state: shuffling, dropout, running statistics, moments, callbacks. */
export const data = {
  x: Array.from({ length: ROWS }, (_, i) => Array.from({ length: 6 }, (_unused, j) => Math.sin(7 * i + 3 * j))),
  y: Array.from({ length: ROWS }, (_, i) => i % 3),
};

export function build(): Model {
  return sequential([
    layers.input([6]),
    layers.dense({ units: 16, activation: "relu" }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: "softmax" }),
  ]).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

export function options(epochs: number, more: FitOptions = {}): FitOptions {
  const { callbacks: added = [], ...rest } = more;
  const stopping = callbacks.earlyStopping({ monitor: "val_loss", patience: 1000, restoreBestWeights: false });
  return { epochs, batchSize: 8, validation: 0.2, seed: 5, verbose: "silent", callbacks: [stopping, ...added], ...rest };
}

/** The finished model's file: weights, moments, history and all. */
export async function uninterrupted(epochs: number): Promise<Uint8Array> {
  const model = build();
  await model.fit(data, options(epochs));
  return model.toBytes();
}

export async function copyOf(model: Model): Promise<Model> {
  return fromBytes(await model.toBytes());
}
