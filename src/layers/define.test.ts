import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as initializers from "../initializers/index.js";
import { Model } from "../models/model.js";
import { sequential } from "../models/sequential.js";
import { fromBytes } from "../models/load.js";
import "../ops/methods.js";
import { sgd } from "../optimizers/index.js";
import { mistake } from "../testing/layerProbe.js";
import { layerTest } from "../testing/layerTest.js";
import { dense } from "./core/dense.js";
import { input } from "./core/input.js";
import { defineLayer, layerOptions } from "./define.js";
import { knownDim, needAxis } from "./options.js";

/** A layer of a user's own: y = x · factor + bias, and a count of the training steps. */
const shifted = defineLayer({
  className: "Shifted",
  defaults: { factor: 1 },
  build: ({ addWeight, where }, shape) => ({
    bias: addWeight("bias", { shape: [knownDim(where, shape, -1)], initializer: initializers.zeros() }),
    steps: addWeight("steps", { shape: [], initializer: initializers.zeros(), trainable: false }),
  }),
  call: ({ config, weights, where, training, trainable, update, addLoss }, x) => {
    needAxis(where, x.shape, -1, weights.bias.shape[0]!, "last axis");
    if (training && trainable) update("steps", weights.steps.add(1));
    addLoss(weights.bias.square().sum().mul(0.001));
    return x.mul(config.factor).add(weights.bias);
  },
  mask: "pass",
});

layerTest((extra) => shifted({ factor: 2, ...extra }), [{ shape: [2, 3] }], {
  title: "a layer of one's own",
  output: [2, 3],
  weights: { bias: [3], steps: [] },
  refused: [[[2, 4]]],
});

const set = { x: [[1], [2]], y: [[1], [2]] };
const rate = { optimizer: sgd({ learningRate: 0.1 }), loss: "meanSquaredError" } as const;

describe("defineLayer", () => {
  it("keeps what the layer updates, and saves it", async () => {
    const layer = shifted();
    const model = sequential([input([1]), layer]).compile(rate);
    await model.fit(set, { epochs: 5, batchSize: 1, verbose: "silent" });
    expect(await layer.variables[1]!.read()).toEqual(Float32Array.of(10));
    const loaded = await fromBytes(await model.toBytes());
    expect(await loaded.layers[0]!.variables[1]!.read()).toEqual(Float32Array.of(10));
  });

  it("adds what the layer gives to addLoss", async () => {
    const layer = shifted();
    const model = sequential([input([1]), layer]).compile(rate);
    layer.variables[0]!.assign([3]);
    layer.variables[1]!.assign([0]);
    // 3² from the shift of 3, and 0.001 · 3².
    expect((await model.evaluate(set)).loss).toBeCloseTo(9.009, 5);
  });

  it("lists the options of a class", () => {
    expect(layerOptions("Shifted")).toEqual(["factor"]);
    expect(layerOptions("NoSuchLayer")).toBeUndefined();
  });

  it("names the layer in a mistake inside of its call", () => {
    const broken = defineLayer({ className: "Broken", defaults: {}, call: (_context, x) => x.matmul(x) });
    const error = mistake(() => broken({ name: "mine" })(input([3, 4])));
    expect(error.code).toBe("SHAPE_MISMATCH");
    expect(error.where).toMatch(/^broken "mine", matmul/);
    expect(error.received).toContain("[batch, 3, 4]");
  });
});

describe("shared layers", () => {
  /** Two inputs through one dense layer, and the difference of its outputs. */
  function twins() {
    const shared = dense({ units: 1, useBias: false, name: "shared" });
    const minus = shifted({ factor: -1, trainable: false });
    const [a, b] = [input([2], { name: "a" }), input([2], { name: "b" })];
    const model = new Model({ inputs: [a, b], outputs: { left: shared(a), right: minus(shared(b)) } });
    return { shared, model };
  }

  const data = { a: [[1, 0]], b: [[0, 1]] };

  it("are one layer with one set of weights", async () => {
    const { model, shared } = twins();
    expect(model.layers.filter((layer) => layer === shared)).toHaveLength(1);
    expect(model.trainableVariables).toHaveLength(1);
    model.initialize(1);
    shared.variables[0]!.assign([2, 3]);
    const outputs = await model.predictAll(data);
    expect(await Promise.all(outputs.map((output) => output.toArray()))).toEqual([[[2]], [[-3]]]);
  });

  it("sum the gradients of their uses", async () => {
    const { model, shared } = twins();
    model.compile({ ...rate, loss: ["meanSquaredError", "meanSquaredError"] });
    model.initialize(1);
    shared.variables[0]!.assign([2, 3]);
    await model.trainOnBatch({ x: data, y: { left: [[0]], right: [[0]] } });
    // Loss w₁² + w₂²: each weight falls by 0.1 · 2w.
    const after = (await shared.variables[0]!.read()) as Float32Array;
    expect(after[0]).toBeCloseTo(1.6, 6);
    expect(after[1]).toBeCloseTo(2.4, 6);
  });

  it("stay shared in a saved model and in an exported one", async () => {
    const { model } = twins();
    const loaded = await fromBytes(await model.toBytes());
    expect(loaded.layers).toHaveLength(model.layers.length);
    expect(loaded.variables.map(({ path }) => path)).toEqual(model.variables.map(({ path }) => path));
    const [left, right] = await loaded.predictAll({ a: [[1, 2]], b: [[1, 2]] });
    expect(await right!.item()).toBeCloseTo(-(await left!.item()), 6);
  });

  it("show a change in every model that holds them", async () => {
    const { model, shared } = twins();
    const c = input([2]);
    const other = new Model({ inputs: c, outputs: shared(c) });
    model.initialize(1);
    shared.variables[0]!.assign([5, 7]);
    expect(await (await other.predict([[1, 1]])).toArray()).toEqual([[12]]);
  });

  it("refuse an input of another size, by name", () => {
    const { shared } = twins();
    expect(mistake(() => shared(input([3])))).toMatchObject({ code: "SHAPE_MISMATCH", where: 'dense "shared"' });
  });
});

describe("frozen layers", () => {
  it("leave nothing to train when all are frozen", async () => {
    const model = sequential([input([1]), dense({ units: 1, trainable: false })]).compile(rate);
    await expect(model.fit(set, { verbose: "silent" })).rejects.toMatchObject({ code: "NO_GRADIENT" });
  });

  it("stay frozen in a saved model", async () => {
    const model = sequential([input([1]), dense({ units: 2, trainable: false }), dense({ units: 1 })]);
    const loaded = await fromBytes(await model.toBytes());
    expect(loaded.layers.map((layer) => layer.trainable)).toEqual([false, true]);
    expect(loaded.trainableVariables.map(({ path }) => path)).toEqual(["dense_1/kernel", "dense_1/bias"]);
  });
});

it("layers and models print as errors call them", () => {
  const head = dense({ units: 2, name: "head" });
  const model = sequential([input([1023]), head]);
  expect([String(head), inspect(head)]).toEqual(['dense "head"', 'dense "head"']);
  expect(inspect(model)).toBe("model of one layer, 2,048 parameters; summary() lists them");
});
