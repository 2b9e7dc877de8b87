import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { type CompileOptions, fromBytes, layers, type Model, optimizers, schedules, sequential } from "../index.js";
import { keyOf, normals } from "../random/host.js";

const x = { shape: [12, 3], data: normals(keyOf(1), 36) };
const y = { shape: [12, 2], data: normals(keyOf(2), 24) };

function network(): Model {
  return sequential([layers.input([3]), layers.dense({ units: 4, activation: "tanh", name: "body" }), layers.dense({ units: 2, name: "head" })], { seed: 5 });
}

function compiled(groups: CompileOptions["groups"], optimizer: CompileOptions["optimizer"]): Model {
  return network().compile({ optimizer, loss: "mse", ...(groups === undefined ? {} : { groups }) });
}

async function weightsOf(model: Model): Promise<Record<string, number[]>> {
  const values = model.variables.map(async (variable) => [model.pathOf(variable), Array.from((await variable.read()) as Float32Array)] as const);
  return Object.fromEntries(await Promise.all(values));
}

const STEP = { epochs: 1, batchSize: 12, shuffle: false, verbose: "silent" } as const;

describe("groups of weights", () => {
  it("have the rate of a model of their own, and leave the rest alone", async () => {
    const optimizer = (learningRate: number): optimizers.Optimizer => optimizers.adam({ learningRate });
    const [slow, usual, mixed] = [compiled(undefined, optimizer(0.001)), compiled(undefined, optimizer(0.01)), compiled([{ match: "body/**", learningRateMultiplier: 0.1 }], optimizer(0.01))];
    for (const model of [slow, usual, mixed]) await model.fit({ x, y }, STEP);
    const [a, b, found] = await Promise.all([slow, usual, mixed].map(weightsOf));
    // Weights that are updated in other units are computed by the same ops, so to the bit but for 0.01 · 0.1.
    for (const path of ["body/kernel", "body/bias"]) expect(found![path]).toEqual(a![path]!.map((value) => expect.closeTo(value, 7)));
    for (const path of ["head/kernel", "head/bias"]) expect(found![path]).toEqual(b![path]);
    expect(a!["body/kernel"]).not.toEqual(b!["body/kernel"]);
  });

  it("follow a schedule, and the rate that a callback sets", async () => {
    const rate = schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 });
    const model = compiled([{ match: /bias$/, learningRateMultiplier: 3 }], optimizers.sgd({ learningRate: rate }));
    const state = model.compiled!.optimizer;
    state.step = 2;
    expect(state.scalars()).toEqual({ learningRate: 0.25, "learningRate 0": 0.75 });
    state.learningRate = 2;
    expect(state.scalars()).toEqual({ learningRate: 2, "learningRate 0": 6 });
  });

  it("stay at a multiplier of 0, and have their own weight decay", async () => {
    const model = compiled(
      [{ match: "body/kernel", learningRateMultiplier: 0 }, { match: (_variable, path) => path.endsWith("/bias"), weightDecay: null }, { match: "**", weightDecay: 0.5 }],
      optimizers.sgd({ learningRate: 0.1, weightDecay: 0.9 }),
    );
    const whole = compiled(undefined, optimizers.sgd({ learningRate: 0.1 }));
    whole.initialize();
    const before = await weightsOf(whole);
    for (const each of [model, whole]) await each.fit({ x, y }, STEP);
    const [found, plain] = await Promise.all([model, whole].map(weightsOf));
    expect(found!["body/kernel"]).toEqual(before["body/kernel"]);
    expect(found!["head/bias"]).toEqual(plain!["head/bias"]);
    // w − 0.1 · 0.5 · w, then the step; float32 rounds once more.
    expect(found!["head/kernel"]).toEqual(plain!["head/kernel"]!.map((value, i) => expect.closeTo(value - 0.05 * before["head/kernel"]![i]!, 6)));
  });

  it("are saved, and training goes on with them to the bit", async () => {
    const groups: CompileOptions["groups"] = [{ match: "head/*", learningRateMultiplier: 0.2, weightDecay: null }, { match: /kernel/, weightDecay: 0.1 }];
    const make = (): Model => compiled(groups, optimizers.adam({ learningRate: 0.05 }));
    const whole = make();
    await whole.fit({ x, y }, { ...STEP, batchSize: 5, epochs: 4 });
    const half = make();
    await half.fit({ x, y }, { ...STEP, batchSize: 5, epochs: 2 });
    const loaded = await fromBytes(await half.toBytes());
    await loaded.fit({ x, y }, { ...STEP, batchSize: 5, epochs: 4, resume: true });
    expect(await weightsOf(loaded)).toEqual(await weightsOf(whole));
    const plain = compiled(undefined, optimizers.adam({ learningRate: 0.05 }));
    await plain.fit({ x, y }, { ...STEP, batchSize: 5, epochs: 4 });
    expect(await weightsOf(plain)).not.toEqual(await weightsOf(whole));
  });

  it("refuse patterns that mean nothing, and impossible numbers", () => {
    expect(() => compiled([{ match: "hed/**" }], "adam")).toThrow(/weights body\/kernel.*received hed/);
    expect(() => compiled([{ match: "**" }, { match: "head/**" }], "adam")).toThrow(/groups\[1\]/);
    expect(() => compiled([{ match: "head/**", learningRateMultiplier: -1 }], "adam")).toThrow(/at least 0/);
    expect(() => compiled({ match: "head/**" } as never, "adam")).toThrow(/a list of groups/);
    expect(() => compiled([{ match: 3 as never }], "adam")).toThrow(/regular expression/);
    expect(() => compiled([{ match: "head/**", lr: 1 } as never], "adam")).toThrow(/option/);
  });
});
