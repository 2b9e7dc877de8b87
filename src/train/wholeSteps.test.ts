import { expect, test } from "vitest";
import "../testing/engine.js";
import { fromArrays } from "../data/index.js";
import { defineLayer, fromBytes, initializers, layers, losses, type Model, ops, optimizers, sequential, tensor } from "../index.js";
import { Feeder } from "./feeds.js";
import { Stepper } from "./stepper.js";
import { stepSeed } from "./subject.js";

/** A joint unit, weights that stand alone, and what the program gives without a kernel: each takes another way to its next value. */
const SIZES = { small: 3, part: 300, alone: 20_000, other: 17_000 };
const zeros = initializers.zeros();

/** Weights that all grow by the learning rate in each step of Adam, and statistics that count the steps. */
const counters = defineLayer({
  className: "WholeStepsTestCounters",
  defaults: {},
  build: ({ addWeight }) => ({
    small: addWeight("small", { shape: [SIZES.small], initializer: zeros }),
    part: addWeight("part", { shape: [SIZES.part], initializer: zeros }),
    alone: addWeight("alone", { shape: [SIZES.alone], initializer: zeros }),
    other: addWeight("other", { shape: [SIZES.other], initializer: zeros }),
    count: addWeight("count", { shape: [2], initializer: zeros, trainable: false }),
    counts: addWeight("counts", { shape: [700], initializer: zeros, trainable: false }),
  }),
  call: ({ weights, training, update }, x) => {
    if (training) for (const name of ["count", "counts"] as const) update(name, weights[name].add(1));
    const means = Object.values(weights).map((weight) => weight.mean().reshape([1, 1]));
    return x.matmul(ops.concat(means, 1));
  },
});

const STEP = 1 / 128;
const falling = losses.defineLoss({
  className: "WholeStepsTestFalling",
  defaults: {},
  call: (_yTrue, yPred) => yPred.mul(tensor([[...Object.values(SIZES), 0, 0]])).sum({ axes: -1 }).neg(),
});

/** Steps that a model has done, as each of its variables shows it. */
async function stepsOf(model: Model): Promise<number[]> {
  const values = await Promise.all(model.variables.map((variable) => variable.read()));
  return values.flatMap((value, i) => {
    const seen = [...new Set(Array.from(value as Float32Array))];
    return seen.map((each) => Math.round(i < 4 ? each / STEP : each));
  });
}

test("whoever looks between any two moments of a training sees all of a step or nothing", async () => {
  const model = sequential([layers.input([1]), counters()]);
  model.compile({ optimizer: optimizers.adam({ learningRate: STEP }), loss: falling() });
  const torn: unknown[] = [];
  let looks = 0;
  const check = (kind: string, steps: readonly number[]): void => {
    looks++;
    if (new Set(steps).size > 1) torn.push([kind, ...steps]);
  };
  const look = async (after: number): Promise<void> => {
    // Each await is a moment of its own; a step takes some dozens.
    for (let i = 0; i < after; i++) await Promise.resolve();
    if (after % 3 === 0) return check("read", await stepsOf(model));
    if (after % 3 === 1) {
      const seen = Array.from(await (await model.predict([[1]])).data(), Number);
      return check("predict", seen.map((value, i) => Math.round(i < 4 ? value / STEP : value)));
    }
    const saved = await fromBytes(await model.toBytes());
    check("save", [saved.compiled!.optimizer.step, ...(await stepsOf(saved))]);
  };
  const looking: Promise<void>[] = [];
  let batches = 0;
  const looker = { name: "looker", onBatchEnd: () => void looking.push(look(batches++ % 61)) };
  const rows = 64;
  const data = { x: Array.from({ length: rows }, () => [1]), y: Array.from({ length: rows }, () => [0, 0, 0, 0, 0, 0]) };
  await model.fit(data, { epochs: 23, batchSize: 8, callbacks: [looker], verbose: "silent" });
  await Promise.all(looking);
  expect(torn).toEqual([]);
  expect(looks).toBe(184);
  expect(await stepsOf(model)).toEqual([184, 184, 184, 184, 184, 184]);
});

test("what goes wrong where a step is counted is told as it is, and the step is whole", async () => {
  const model = sequential([layers.input([1]), counters()]);
  model.compile({ optimizer: optimizers.adam({ learningRate: STEP }), loss: falling() });
  model.initialize();
  const { objective, optimizer } = model.compiled!;
  const data = fromArrays({ inputs: { x: [[1]] }, labels: { y: [[0, 0, 0, 0, 0, 0]] } });
  const [stepper, feeder] = [new Stepper(model), new Feeder(model, data, objective)];
  for await (const batch of data.batches()) {
    const step = (commit: () => void): Promise<void> => stepper.train(objective, optimizer, feeder.step(batch), stepSeed(1), commit);
    const wrong = new Error("of the sums");
    await expect(step(() => { throw wrong; })).rejects.toBe(wrong);
    // As large as the count of steps, and so in its place if that were free.
    await tensor([7, 8]).add(1).data();
    expect(await stepsOf(model)).toEqual([1, 1, 1, 1, 1, 1]);
    await step(() => undefined);
  }
  expect(optimizer.step).toBe(2);
  expect(await stepsOf(model)).toEqual([2, 2, 2, 2, 2, 2]);
});
