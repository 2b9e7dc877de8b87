import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { callbacks, fromBytes, layers, type Model, optimizers, sequential } from "../index.js";
import { keyOf, normals } from "../random/host.js";

const x = { shape: [10, 3], data: normals(keyOf(1), 30) };
const y = { shape: [10, 2], data: normals(keyOf(2), 20) };
const SETTINGS = { batchSize: 5, verbose: "silent", seed: 4 } as const;

function network(): Model {
  const body = sequential([layers.input([3]), layers.dense({ units: 4, name: "low" }), layers.dense({ units: 4, name: "high" })], { name: "body" });
  return sequential([layers.input([3]), body, layers.dense({ units: 2, name: "head" })], { seed: 5 }).compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "mse" });
}

const pathsOf = (model: Model): string[] => model.trainableVariables.map((variable) => model.pathOf(variable));

async function weightsOf(model: Model): Promise<Record<string, readonly number[]>> {
  const values = model.variables.map(async (variable) => [model.pathOf(variable), Array.from((await variable.read()) as Float32Array)] as const);
  return Object.fromEntries(await Promise.all(values));
}

/** The first part of the paths of weights that training changed. */
async function changedBy(model: Model, train: () => Promise<unknown>): Promise<string[]> {
  const before = await weightsOf(model);
  await train();
  const after = await weightsOf(model);
  return [...new Set(Object.keys(after).filter((path) => after[path]!.join() !== before[path]!.join()).map((path) => path.replace(/\/\w+$/, "")))];
}

describe("model.freeze", () => {
  it("freezes what a pattern means, and unfreeze frees it again, also inside of a frozen model", async () => {
    const model = network();
    model.initialize();
    expect(model.freeze("body")).toEqual(["body"]);
    expect(pathsOf(model)).toEqual(["head/kernel", "head/bias"]);
    expect(await changedBy(model, () => model.fit({ x, y }, SETTINGS))).toEqual(["head"]);
    expect(model.unfreeze("**/high")).toEqual(["body/high"]);
    expect(await changedBy(model, () => model.fit({ x, y }, SETTINGS))).toEqual(["body/high", "head"]);
    expect(model.unfreeze(/^body$/)).toEqual(["body"]);
    expect(pathsOf(model)).toHaveLength(6);
    expect(model.freeze("body/**").sort()).toEqual(["body", "body/high", "body/low"]);
    expect(pathsOf(model)).toHaveLength(2);
  });

  it("keeps what layers around held frozen by hand", () => {
    const model = network();
    model.layers.find(({ name }) => name === "body")!.trainable = false;
    model.unfreeze("body/low");
    expect(pathsOf(model)).toEqual(["body/low/kernel", "body/low/bias", "head/kernel", "head/bias"]);
  });

  it("keeps the optimizer's slots", async () => {
    const model = network();
    await model.fit({ x, y }, SETTINGS);
    const slots = async (): Promise<readonly number[][]> => {
      const low = model.variables.find((variable) => model.pathOf(variable) === "body/low/kernel")!;
      return Promise.all(model.compiled!.optimizer.slots.get(low)!.map(async (slot) => Array.from((await slot.read()) as Float32Array)));
    };
    const before = await slots();
    expect(before.flat().some((value) => value !== 0)).toBe(true);
    model.freeze("body/low");
    await model.fit({ x, y }, SETTINGS);
    expect(await slots()).toEqual(before);
    model.unfreeze("body/low");
    await model.fit({ x, y }, SETTINGS);
    expect(await slots()).not.toEqual(before);
  });

  it("freezes single weights, and frees them in frozen layers", async () => {
    const model = network();
    model.initialize();
    expect(model.freeze("**/kernel")).toEqual(["body/low/kernel", "body/high/kernel", "head/kernel"]);
    expect(pathsOf(model)).toEqual(["body/low/bias", "body/high/bias", "head/bias"]);
    const before = await weightsOf(model);
    await model.fit({ x, y }, SETTINGS);
    const copy = await fromBytes(await model.toBytes());
    expect(pathsOf(copy)).toEqual(pathsOf(model));
    // The same program must not serve for other weights.
    expect(model.unfreeze("head/kernel")).toEqual(["head/kernel"]);
    const between = await weightsOf(model);
    await model.fit({ x, y }, SETTINGS);
    const after = await weightsOf(model);
    expect(between["head/kernel"]).toEqual(before["head/kernel"]);
    expect(after["head/kernel"]).not.toEqual(before["head/kernel"]);
    expect(after["body/low/kernel"]).toEqual(before["body/low/kernel"]);
    model.freeze("body");
    expect(model.unfreeze("body/high/bias")).toEqual(["body/high/bias"]);
    expect(pathsOf(model)).toEqual(["body/high/bias", "head/kernel", "head/bias"]);
    expect(model.unfreeze("**")).toHaveLength(4);
    expect(pathsOf(model)).toHaveLength(6);
  });

  it("refuses patterns that mean nothing", () => {
    expect(() => network().freeze("bodi")).toThrow(/did you mean "body"/);
    expect(() => network().freeze("head/kernal")).toThrow(/did you mean "head\/kernel"/);
    expect(() => network().unfreeze(7 as never)).toThrow(/regular expression/);
  });
});

describe("gradualUnfreezing", () => {
  const unfreezing = (): ReturnType<typeof callbacks.gradualUnfreezing> => callbacks.gradualUnfreezing({ stages: ["**/high", "**/low"], every: 2 });

  it("frees stage by stage", async () => {
    const model = network();
    model.initialize();
    const seen: number[] = [];
    const look = callbacks.lambda({ onEpochEnd: () => void seen.push(pathsOf(model).length) });
    await model.fit({ x, y }, { ...SETTINGS, epochs: 6, callbacks: [unfreezing(), look] });
    expect(seen).toEqual([2, 2, 4, 4, 6, 6]);
    const other = network();
    other.initialize();
    expect(await changedBy(other, () => other.fit({ x, y }, { ...SETTINGS, epochs: 2, callbacks: [unfreezing()] }))).toEqual(["head"]);
  });

  it("goes on after an interruption, to the bit", async () => {
    const whole = network();
    await whole.fit({ x, y }, { ...SETTINGS, epochs: 5, callbacks: [unfreezing()] });
    for (const epochs of [1, 3]) {
      const half = network();
      await half.fit({ x, y }, { ...SETTINGS, epochs, callbacks: [unfreezing()] });
      const loaded = await fromBytes(await half.toBytes());
      await loaded.fit({ x, y }, { ...SETTINGS, epochs: 5, resume: true, callbacks: [unfreezing()] });
      expect(await weightsOf(loaded)).toEqual(await weightsOf(whole));
    }
  });

  it("refuses stages that mean nothing", async () => {
    expect(() => callbacks.gradualUnfreezing({ stages: [] })).toThrow(/at least one/);
    const wrong = network().fit({ x, y }, { ...SETTINGS, callbacks: [callbacks.gradualUnfreezing({ stages: ["tail"] })] });
    await expect(wrong).rejects.toThrow(/gradualUnfreezing: expected a pattern/);
  });
});
