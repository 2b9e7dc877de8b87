import { describe, expect, test } from "vitest";
import { callbacks, layers, type Model, optimizers, sequential } from "../index.js";
import { keyOf, normals } from "../random/host.js";
import "../testing/engine.js";
import { findingsOf, type StepRecord } from "./findings.js";

const rows = 64;
const features = normals(keyOf(4), rows * 8);
const data = {
  x: { shape: [rows, 8], data: features },
  y: { shape: [rows], data: Int32Array.from({ length: rows }, (_, i) => (features[8 * i]! + features[8 * i + 1]! > 0 ? 1 : 0)) },
};

function network(hidden: number, activation: "sigmoid" | "relu", learningRate = 1e-3): Model {
  return sequential(
    [
      layers.input([8]),
      ...Array.from({ length: hidden }, () => layers.dense({ units: 16, activation })),
      layers.dense({ units: 2, activation: "softmax" }),
    ],
    { seed: 5 },
  ).compile({ optimizer: optimizers.adam({ learningRate }), loss: "sparseCategoricalCrossentropy" });
}

async function health(model: Model, epochs: number, every = 4): Promise<ReturnType<typeof callbacks.diagnosis>> {
  const watch = callbacks.diagnosis({ every });
  await model.fit(data, { epochs, batchSize: 16, seed: 2, verbose: "silent", callbacks: [watch] });
  return watch;
}

describe("diagnosis", () => {
  test("names the layers of a 30-layer sigmoid network whose gradients vanish", async () => {
    const [finding] = (await health(network(30, "sigmoid"), 3)).diagnose();
    expect(finding).toMatchObject({ kind: "vanishingGradients", since: 0 });
    expect(finding!.where.slice(0, 2)).toEqual(["dense/kernel", "dense_1/kernel"]);
    expect(finding!.where).not.toContain("dense_30/kernel");
    expect(finding!.message).toMatch(/^The gradients of dense\/kernel, .* and \d+ more vanish since step 0/);
  });

  test("names a thousandfold learning rate at the first step, long before NaN", async () => {
    const told: string[] = [];
    const watch = callbacks.diagnosis({ every: 1, onFinding: ({ kind, since }) => void told.push(`${kind} ${since}`) });
    await network(3, "relu", 1).fit(data, { epochs: 1, batchSize: 16, seed: 2, verbose: "silent", callbacks: [watch] });
    expect(told[0]).toBe("learningRateTooHigh 0");
    expect(watch.records.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  test("names a learning rate that does nothing", async () => {
    const kinds = (await health(network(2, "relu", 1e-9), 8)).diagnose().map(({ kind }) => kind);
    expect(kinds).toEqual(["learningRateTooLow", "underfitting"]);
  });

  test("names units that died", async () => {
    const model = network(2, "relu");
    await model.fit(data, { epochs: 1, batchSize: 16, verbose: "silent" });
    model.variables.find((variable) => model.pathOf(variable) === "dense_1/bias")!.assign(new Float32Array(16).fill(-100));
    const [finding] = (await health(model, 2, 1)).diagnose().filter(({ kind }) => kind === "deadActivations");
    expect(finding).toMatchObject({ where: ["dense_1"], since: 4 });
  });

  test("says nothing of a healthy training", async () => {
    const watch = await health(network(3, "relu"), 12);
    expect(watch.records).toHaveLength(12);
    expect(watch.diagnose()).toEqual([]);
  });

  test("leaves the weights as they are without it, to the bit, and goes on after a restart", async () => {
    const weights = async (model: Model): Promise<number[]> =>
      (await Promise.all(model.variables.map((variable) => variable.read()))).flatMap((value) => [...(value as Float32Array)]);
    const [plain, watched] = [network(2, "relu"), network(2, "relu")];
    await plain.fit(data, { epochs: 2, batchSize: 16, seed: 2, verbose: "silent" });
    const watch = await health(watched, 2, 3);
    expect(await weights(watched)).toEqual(await weights(plain));
    const again = callbacks.diagnosis({ every: 3 });
    again.restore!(JSON.parse(JSON.stringify(watch.state!())) as never);
    expect(again.records).toEqual(watch.records);
  });
});

describe("curves", () => {
  const of = (loss: number[], val: number[]): string[] => findingsOf([], { loss, val_loss: val }).map(({ kind, since }) => `${kind} ${since}`);

  test("that part tell of overfitting, since the best epoch", () => {
    expect(of([1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2], [1, 0.9, 0.8, 0.85, 0.9, 0.95, 1])).toEqual(["overfitting 2"]);
    expect(of([1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2], [1, 0.9, 0.8, 0.81, 0.8, 0.82, 0.81])).toEqual([]);
  });

  test("that stay high tell of underfitting", () => {
    expect(of([1, 0.97, 0.96, 0.96, 0.96, 0.96], [])).toEqual(["underfitting 0"]);
    expect(of([1, 0.5, 0.3, 0.29, 0.29, 0.29], [])).toEqual([]);
  });
});

test("exploding gradients are those that are huge, or grew a thousandfold", () => {
  const record = (step: number, gradient: number): StepRecord => ({ step, loss: 1, gradients: { "a/kernel": gradient, "b/kernel": 1 }, updates: {}, dead: {} });
  expect(findingsOf([record(0, 1), record(5, 2), record(10, 1500), record(15, 3000)])).toMatchObject([{ kind: "explodingGradients", since: 10, where: ["a/kernel"] }]);
  expect(findingsOf([record(0, 1), record(5, 2000), record(10, 2)])).toEqual([]);
});
