import { describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { findLearningRate, initializers, layers, type Model, optimizers, overfitOneBatch, sequential } from "../../index.js";
import { keyOf, normals } from "../../random/host.js";

const ROWS = 40;
const noise = normals(keyOf(1), ROWS * 3);
const x = Array.from({ length: ROWS }, (_, i) => Array.from(noise.subarray(3 * i, 3 * i + 3)));
const y = x.map(([a, b]) => [a! - 2 * b!]);
const SETTINGS = { batchSize: 8, verbose: "silent", seed: 2 } as const;

function network(): Model {
  return sequential([layers.input([3]), layers.dense({ units: 8, activation: "tanh" }), layers.batchNormalization(), layers.dense({ units: 1 })], { seed: 3 }).compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: "mse",
  });
}

const bytesOf = async (model: Model): Promise<string> => Buffer.from(await model.toBytes()).toString("latin1");

describe("findLearningRate", () => {
  it("finds the steepest way down of gradient descent on a bowl", async () => {
    // Loss = w², so a step multiplies w by 1 − 2 · rate: best at 0.5, and away beyond 1.
    const line = sequential([layers.input([1]), layers.dense({ units: 1, useBias: false, kernelInitializer: initializers.constant({ value: 3 }) })]).compile({
      optimizer: optimizers.sgd(),
      loss: "mse",
    });
    const curve = await findLearningRate(line, { x: [[1]], y: [[0]] }, { min: 1e-4, max: 10, steps: 60, smoothing: 0 });
    expect(curve.learningRates.slice(0, 2)).toEqual([1e-4, expect.closeTo(1e-4 * 1e5 ** (1 / 59), 10)]);
    // The losses by the formula, in float64; the program's are float32.
    let w = 3;
    for (const [i, loss] of curve.losses.entries()) {
      expect(loss).toBeCloseTo(w * w, 4);
      w *= 1 - 2 * curve.learningRates[i]!;
    }
    expect(curve.smoothed).toEqual(curve.losses.map((loss) => expect.closeTo(loss, 9)));
    expect(curve.suggestion).toBeGreaterThan(0.01);
    expect(curve.suggestion).toBeLessThan(0.3);
    // It stops where the loss has left the way down, before the last rate.
    expect(curve.losses.length).toBeLessThan(60);
  });

  it("smooths without shifting", async () => {
    const { losses, smoothed, learningRates } = await findLearningRate(network(), { x, y }, { steps: 30, min: 1e-6, max: 1e-5, batchSize: 8 });
    expect([losses.length, smoothed.length, learningRates.length]).toEqual([30, 30, 30]);
    expect(learningRates.at(-1)).toBeCloseTo(1e-5, 12);
    const spread = (values: readonly number[]): number => values.slice(1).reduce((sum, value, i) => sum + Math.abs(value - values[i]!), 0);
    expect(spread(smoothed)).toBeLessThan(spread(losses) / 2);
  });

  it("leaves weights, statistics, optimizer and the place of training as they were", async () => {
    const [model, untouched] = [network(), network()];
    for (const each of [model, untouched]) await each.fit({ x, y }, { ...SETTINGS, epochs: 2 });
    const before = await bytesOf(model);
    expect((await findLearningRate(model, { x, y }, { steps: 20 })).losses.length).toBeGreaterThan(5);
    expect(await bytesOf(model)).toBe(before);
    for (const each of [model, untouched]) await each.fit({ x, y }, { ...SETTINGS, epochs: 4, resume: true });
    expect(await bytesOf(model)).toBe(await bytesOf(untouched));
  });

  it("leaves what stateful layers carry as it was", async () => {
    const model = sequential([layers.input([2, 3], { batchSize: 8 }), layers.lstm({ units: 2, stateful: true }), layers.dense({ units: 1 })], { seed: 3 }).compile({ optimizer: "adam", loss: "mse" });
    const sequences = x.map((row) => [row, row]);
    await model.fit({ x: sequences, y }, SETTINGS);
    const before = await bytesOf(model);
    await findLearningRate(model, { x: sequences, y }, { steps: 10 });
    expect(await bytesOf(model)).toBe(before);
  });

  it("ends at a loss that is no number, and where it is told to", async () => {
    const model = network();
    model.compile({ optimizer: optimizers.sgd(), loss: "mse" });
    const before = await bytesOf(model);
    const wild = await findLearningRate(model, { x, y }, { min: 1e30, max: 1e38, steps: 10 });
    expect(wild.losses.length).toBeLessThan(10);
    expect(wild.suggestion).toBeUndefined();
    const aborted = findLearningRate(model, { x, y }, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    expect(await bytesOf(model)).toBe(before);
  });

  it("keeps away from a training under way", async () => {
    const model = network();
    const fitting = model.fit({ x, y }, { ...SETTINGS, epochs: 3 });
    await expect(findLearningRate(model, { x, y })).rejects.toThrow(/one training at a time/);
    await fitting;
    const alone = network();
    await alone.fit({ x, y }, { ...SETTINGS, epochs: 3 });
    expect(await bytesOf(model)).toBe(await bytesOf(alone));
  });

  it("refuses impossible ramps", async () => {
    for (const options of [{ min: 0 }, { min: 1, max: 1 }, { steps: 5 }, { smoothing: 1 }]) {
      await expect(findLearningRate(network(), { x, y }, options)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    }
    await expect(findLearningRate({ x, y } as never, { x, y })).rejects.toThrow(/expected a model, received an object with x, y/);
    await expect(findLearningRate(sequential([layers.input([3]), layers.dense({ units: 1 })]), { x, y })).rejects.toMatchObject({ code: "NOT_COMPILED" });
  });
});

describe("overfitOneBatch", () => {
  it("says that a network learns a batch by heart, and leaves it as it was", async () => {
    const model = network();
    const before = await bytesOf(model);
    const { memorised, losses, message, results } = await overfitOneBatch(model, { x, y }, { steps: 150, batchSize: 8 });
    expect(memorised).toBe(true);
    expect(losses).toHaveLength(150);
    expect(Number.isFinite(results["loss"])).toBe(true);
    expect(message).toMatch(/by heart: on 8 rows/);
    expect(await bytesOf(model)).toBe(before);
  });

  it("says what to look at where it does not", async () => {
    const model = network();
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-7 }), loss: "mse" });
    const slow = await overfitOneBatch(model, { x, y }, { steps: 5 });
    expect(slow).toMatchObject({ memorised: false, message: expect.stringMatching(/hardly moves.*findLearningRate/) as string });
    model.freeze("dense");
    expect((await overfitOneBatch(model, { x, y }, { steps: 5 })).message).toMatch(/frozen/);
    // Two rows alike with unlike labels cannot be told apart.
    const fast = network();
    const twins = { x: [[1, 1, 1], [1, 1, 1]], y: [[5], [-5]] };
    expect((await overfitOneBatch(fast, twins, { steps: 100 })).memorised).toBe(false);
  });

  it("keeps what was learned when told so", async () => {
    const model = network();
    const { results } = await overfitOneBatch(model, { x, y }, { steps: 100, batchSize: ROWS, keep: true });
    expect((await model.evaluate({ x, y })).loss).toBeCloseTo(results["loss"]!, 5);
    expect(model.compiled!.optimizer.step).toBe(100);
  });

  it("refuses impossible settings", async () => {
    for (const options of [{ steps: 0 }, { tolerance: 1 }]) await expect(overfitOneBatch(network(), { x, y }, options)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
