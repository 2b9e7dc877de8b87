import { expect, test } from "vitest";
import "../testing/engine.js";
import { callbacks, layers, optimizers, sequential } from "../index.js";

const x = [[1, 2], [3, -1], [0.5, 4], [-2, 1]];
const y = [1, 0, 3, -1];

/** Weights after four full-batch epochs of plain gradient descent, and after each of them. */
async function trainedKernel(useEma: boolean, epochs: number): Promise<number[]> {
  const model = sequential([layers.input([2]), layers.dense({ units: 1, useBias: false })], { seed: 3 });
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.02, useEma, emaMomentum: 0.5 }), loss: "mse" });
  await model.fit({ x, y }, { epochs, batchSize: 4, shuffle: false, verbose: "silent" });
  return Array.from(await model.variables[0]!.read(), Number);
}

test("training with a moving average ends with the averaged weights", async () => {
  const path = await Promise.all([1, 2, 3, 4].map((epochs) => trainedKernel(false, epochs)));
  const average = path.reduce((mean, weights) => mean.map((m, i) => 0.5 * m + 0.5 * weights[i]!));
  const ended = await trainedKernel(true, 4);
  // float32 rounding of four averages of numbers near 1.
  ended.forEach((weight, i) => expect(weight).toBeCloseTo(average[i]!, 5));
  expect(ended[0]).not.toBeCloseTo(path[3]![0]!, 3);
});

test("frozen weights stay what they are, whatever their averages were", async () => {
  const model = sequential([layers.input([2]), layers.dense({ units: 3, name: "body" }), layers.dense({ units: 1 })], { seed: 3 });
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.02, useEma: true, emaMomentum: 0.5 }), loss: "mse" });
  const [kernel] = model.variables;
  let frozen: number[] = [];
  const freezes = { name: "freeze", onEpochBegin: async (epoch: number) => {
    if (epoch !== 1) return;
    model.freeze("body");
    frozen = Array.from(await kernel!.read(), Number);
  } };
  await model.fit({ x, y }, { epochs: 3, batchSize: 2, validation: { x, y }, callbacks: [callbacks.swapEMAWeights(), freezes], verbose: "silent" });
  expect(Array.from(await kernel!.read(), Number)).toEqual(frozen);
  kernel!.assign([1, 2, 3, 4, 5, 6]);
  await model.fit({ x, y }, { epochs: 1, batchSize: 2, verbose: "silent" });
  expect(Array.from(await kernel!.read(), Number)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("all weights become averages in one moment", async () => {
  const model = sequential([layers.input([2]), layers.dense({ units: 3 }), layers.dense({ units: 1 })], { seed: 3 });
  model.compile({ optimizer: optimizers.sgd({ useEma: true }), loss: "mse" });
  await model.trainOnBatch({ x, y });
  const counts = (): number[] => model.variables.map(({ assignments }) => assignments);
  const before = counts();
  let done = false;
  const adopting = model.compiled!.optimizer.adoptAverages(model.trainableVariables).then(() => (done = true));
  const seen = new Set<string>();
  while (!done) {
    await Promise.resolve();
    seen.add(counts().map((count, i) => count - before[i]!).join());
  }
  await adopting;
  expect([...seen]).toEqual(["0,0,0,0", "1,1,1,1"]);
});
