import { afterAll, beforeEach, describe, expect, it } from "vitest";
import "../testing/engine.js";
import { defineLayer, layers, Model, optimizers, sequential } from "../index.js";
import { type Compiler, type FrozenGraph, getCompiler, setCompiler } from "../graph/compiler.js";

const real = getCompiler();
/** What happened to frozen programs. */
const seen = { made: 0, runs: 0, disposed: 0 };
const watching: Compiler = {
  compile: (graph) => real.compile(graph),
  upload: (data, dtype, shape) => real.upload(data, dtype, shape),
  release: (value) => real.release(value),
  freeze: async (...args) => {
    const frozen = await real.freeze(...args);
    if (frozen === undefined) return undefined;
    seen.made++;
    const watched: FrozenGraph = {
      run: (feeds, size) => {
        seen.runs++;
        return frozen.run(feeds, size);
      },
      dispose: () => {
        seen.disposed++;
        frozen.dispose();
      },
    };
    return watched;
  },
};

beforeEach(() => {
  setCompiler(watching);
  Object.assign(seen, { made: 0, runs: 0, disposed: 0 });
});
afterAll(() => setCompiler(real));

/** More batches with the same weights than it takes until they are frozen. */
const ENOUGH = 12;

function line(): Model {
  const model = sequential([layers.input([1]), layers.dense({ units: 1, kernelInitializer: "ones" })]);
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.125 }), loss: "meanSquaredError" });
  return model;
}

async function at(model: Model, x: number): Promise<number> {
  return (await model.predict([[x]])).item();
}

async function freezeBy(predict: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < ENOUGH; i++) await predict();
  expect(seen.made).toBe(1);
  expect(seen.runs).toBeGreaterThan(0);
}

describe("prediction with frozen weights", () => {
  it("gives what it gave before, for every number of rows", async () => {
    const model = sequential(
      [
        layers.input([8, 8, 3]),
        layers.conv2d({ filters: 16, kernelSize: 3, padding: "same" }),
        layers.batchNormalization(),
        layers.activation({ activation: "relu" }),
        layers.maxPooling2d(),
        layers.flatten(),
        layers.dense({ units: 4, activation: "softmax" }),
      ],
      { seed: 1 },
    );
    const size = 8 * 8 * 3;
    const x = Float32Array.from({ length: 7 * size }, (_, i) => Math.sin(i));
    const first = await (await model.predict(x)).data();
    await freezeBy(() => model.predict(x));
    for (const [batchSize, rows] of [[256, 7], [3, 7], [1, 2], [256, 5], [2, 5]] as const) {
      const runs = seen.runs;
      const result = await model.predict(x.subarray(0, rows * size), { batchSize });
      expect(seen.runs - runs).toBe(Math.ceil(rows / batchSize));
      expect(result.shape).toEqual([rows, 4]);
      const data = await result.data();
      // Other kernels add in another order: 200 products of about 1, in float32.
      for (let i = 0; i < data.length; i++) expect(Math.abs(Number(data[i]) - Number(first[i]))).toBeLessThan(1e-5);
    }
    expect(seen.made).toBe(1);
  });

  it("never knows old weights: after a step, after assign, after another model's training", async () => {
    const model = line();
    const kernel = model.variables[0]!;
    await freezeBy(() => at(model, 3));
    await model.trainOnBatch({ x: [[1]], y: [[3]] });
    // The kernel grew by 0.125 · 2 · (3 − 1), and so did the bias: exact in float32.
    expect(await at(model, 2)).toBe(2 * 1.5 + 0.5);
    expect(seen.disposed).toBe(1);

    for (let i = 0; i < ENOUGH; i++) await at(model, 1);
    expect(seen.made).toBe(2);
    kernel.assign([10]);
    expect(await at(model, 2)).toBe(20.5);

    for (let i = 0; i < ENOUGH; i++) await at(model, 1);
    expect(seen.made).toBe(3);
    const x = layers.input([1]);
    const other = new Model({ inputs: x, outputs: model.layers.at(-1)!.callAll(x)[0]! });
    other.compile({ optimizer: optimizers.sgd({ learningRate: 0.125 }), loss: "meanSquaredError" });
    const before = await at(model, 2);
    await other.trainOnBatch({ x: [[1]], y: [[0]] });
    const after = await at(model, 2);
    expect(after).not.toBe(before);
    expect(after).toBe(await at(other, 2));
  });

  it("while training goes on, answers with the weights of before or after a step", async () => {
    const model = line();
    const answers: Promise<number>[] = [];
    const fit = model.fit({ x: [[1], [1]], y: [[3], [3]] }, {
      epochs: 40,
      batchSize: 2,
      verbose: "silent",
      callbacks: [{ name: "ask", onBatchEnd: () => void answers.push(...Array.from({ length: 3 }, () => at(model, 1))) }],
    });
    for (let i = 0; i < ENOUGH * 4; i++) await at(model, 1);
    await fit;
    expect((await Promise.all(answers)).every(Number.isFinite)).toBe(true);
    const [w, b] = await Promise.all(model.variables.map(async (variable) => Number((await variable.read())[0])));
    for (let i = 0; i < ENOUGH; i++) expect(await at(model, 1)).toBe(Math.fround(w! + b!));
  });

  it("leaves models alone that must know the number of rows", async () => {
    let free = true;
    const counting = defineLayer({
      className: "FrozenTestCounting",
      defaults: {},
      call: (_context, x) => {
        if (!free && typeof x.shape[0] !== "number") throw new Error("how many rows?");
        return x.mul(2);
      },
    });
    const model = sequential([layers.input([1]), counting()]);
    free = false;
    for (let i = 0; i < ENOUGH; i++) expect(await at(model, 3)).toBe(6);
    expect(seen).toEqual({ made: 0, runs: 0, disposed: 0 });
  });

  it("waits for several batches", async () => {
    const model = line();
    for (let i = 0; i < 4; i++) await at(model, 1);
    expect(seen.made).toBe(0);
    await at(model, 1);
    await model.predict([[1], [1], [1], [1], [1]], { batchSize: 1 });
    expect(seen).toMatchObject({ made: 1, runs: 2 });
  });
});
