import { layers, sequential, tensor } from "../../src/index.node.js";
import { type Check, megabytes, must, settledRss } from "./check.js";

const MAX_GROWTH = 40 * 2 ** 20;

/** What JavaScript holds, arrays for the engine too, after collection; settled memory of the process may still fragment. */
const MAX_HELD_GROWTH = 8 * 2 ** 20;

function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Builds, trains and drops a model whose size no other has, so that no program is shared. */
async function live(i: number): Promise<void> {
  const features = 128 + (i % 20);
  const model = sequential([
    layers.input([features]),
    layers.dense({ units: 200 + Math.floor(i / 20), activation: "relu" }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 3, activation: "softmax" }),
  ]).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const x = Array.from({ length: 20 }, (_, row) => Array.from({ length: features }, (_unused, j) => Math.sin(row + j)));
  const y = x.map((_, row) => row % 3);
  await model.fit({ x, y }, { epochs: 2, batchSize: 8, validation: 0.2, verbose: "silent" });
  await model.predict(x);
  await model.toBytes();
}

export const droppedModels: Check = async () => {
  // After 200 models the engine keeps as many programs (64) and free blocks (64 MB) as it ever will.
  for (let i = 0; i < 200; i++) await live(i);
  const [before, heldBefore] = [await settledRss(), held()];
  for (let i = 200; i < 400; i++) await live(i);
  const [after, heldAfter] = [await settledRss(), held()];
  must(heldAfter - heldBefore < MAX_HELD_GROWTH, `what is held grew from ${megabytes(heldBefore)} to ${megabytes(heldAfter)}`);
  must(after - before < MAX_GROWTH, `memory grew from ${megabytes(before)} to ${megabytes(after)}`);
  return `200 models after 200: held ${megabytes(heldBefore)} → ${megabytes(heldAfter)}, process ${megabytes(before)} → ${megabytes(after)} (bound ${megabytes(MAX_GROWTH)} more)`;
};

export const manySteps: Check = async () => {
  const model = sequential([layers.input([8]), layers.dense({ units: 16, activation: "relu" }), layers.dense({ units: 1 })]);
  model.compile({ optimizer: "adam", loss: "mse" });
  const x = Array.from({ length: 320 }, (_, row) => Array.from({ length: 8 }, (_unused, j) => Math.sin(row + j)));
  const set = { x, y: x.map(([first]) => [first!]) };
  const steps = (epochs: number) => model.fit(set, { epochs, batchSize: 16, verbose: "silent" });
  await steps(100);
  const before = await settledRss();
  await steps(1000);
  const after = await settledRss();
  must(after - before < MAX_GROWTH, `memory grew from ${megabytes(before)} to ${megabytes(after)}`);
  return `20,000 steps after 2,000: ${megabytes(before)} → ${megabytes(after)} (bound ${megabytes(MAX_GROWTH)} more)`;
};

/** Expressions in a loop, each a program run once; the same few programs come again and again. */
export const manyExpressions: Check = async () => {
  let x = tensor([1, 2, 3]);
  const run = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      x = x.mul(0.5).add(1);
      await x.data();
    }
  };
  await run(500);
  const before = await settledRss();
  await run(5000);
  const after = await settledRss();
  must(after - before < MAX_GROWTH, `memory grew from ${megabytes(before)} to ${megabytes(after)}`);
  return `5,000 expressions after 500: ${megabytes(before)} → ${megabytes(after)}`;
};
