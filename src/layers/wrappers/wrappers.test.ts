import { describe, expect, it } from "vitest";
import { fromBytes } from "../../models/load.js";
import { layerConfig } from "../../models/config.js";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import "../../ops/methods.js";
import { sgd } from "../../optimizers/index.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, floats, jitter, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { dense } from "../core/dense.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import { batchNormalization } from "../normalization/batchNormalization.js";
import { gru, gruCell } from "../recurrent/gru.js";
import { lstm } from "../recurrent/lstm.js";
import { rnn } from "../recurrent/rnn.js";
import { simpleRNN } from "../recurrent/simpleRNN.js";
import { bidirectional, type MergeMode } from "./bidirectional.js";
import { timeDistributed } from "./timeDistributed.js";

const direction = (name: string) => ({
  [`${name}/simple_rnn_cell/kernel`]: [2, 2],
  [`${name}/simple_rnn_cell/recurrent_kernel`]: [2, 2],
  [`${name}/simple_rnn_cell/bias`]: [2],
});

layerTest((extra) => bidirectional({ layer: simpleRNN({ units: 2 }), ...extra }), [{ shape: [3, 2] }], {
  output: [4],
  weights: { ...direction("forward_simple_rnn"), ...direction("backward_simple_rnn") },
  refused: [[[3, 3]], [[3]]],
});

layerTest((extra) => timeDistributed({ layer: dense({ units: 2, activation: "tanh" }), ...extra }), [{ shape: [2, 3] }], {
  output: [2, 2],
  weights: { "dense/kernel": [3, 2], "dense/bias": [2] },
  refused: [[[2, 4]], [[3]]],
});

const steps = dataTensor(floats(12, 3), "float32", [1, 4, 3]);

describe("Bidirectional", () => {
  it.each<[Exclude<MergeMode, null>, (a: number, b: number) => number]>([
    ["sum", (a, b) => a + b],
    ["mul", (a, b) => a * b],
    ["ave", (a, b) => (a + b) / 2],
  ])("merges both directions by %s, in the order of the steps", async (mergeMode, merge) => {
    const x = input([4, 3]);
    const both = bidirectional({ layer: gru({ units: 2, returnSequences: true }), mergeMode })(x);
    const [ahead, back] = [gru({ units: 2, returnSequences: true }), gru({ units: 2, returnSequences: true, goBackwards: true })];
    const model = new Model({ inputs: x, outputs: [both, ahead(x), back(x)] });
    jitter(model);
    const inside = model.layers[0]!.variables;
    [...ahead.variables, ...back.variables].forEach((variable, i) => variable.assign(inside[i]!.value as Float32Array));
    const [merged, forward, reversed] = await model.predictAll(steps);
    const wanted = await Promise.all([forward!.data(), reversed!.flip(1).data()]);
    expectClose((await merged!.data()) as Float32Array, Array.from(wanted[0] as Float32Array, (a, i) => merge(a, Number(wanted[1]![i]))), 1e-6);
  });

  it("gives both where it does not merge, then the states of both, and takes them again", async () => {
    const x = input([4, 3]);
    const layer = bidirectional({ layer: lstm({ units: 2, returnState: true }), mergeMode: null });
    const outputs = layer(x);
    expect(outputs.map(({ shape }) => shape)).toEqual(Array.from({ length: 6 }, () => ["batch", 2]));
    const again = layer(x, { initialState: outputs.slice(2) });
    const model = new Model({ inputs: x, outputs: [...outputs, ...again] });
    jitter(model);
    const loaded = await fromBytes(await model.toBytes());
    const values = await Promise.all((await loaded.predictAll(steps)).map((output) => output.toArray()));
    expect(values).toEqual(await Promise.all((await model.predictAll(steps)).map((output) => output.toArray())));
    expect(values[6]).not.toEqual(values[0]);
  });

  it("skips masked steps in both directions, and hands the mask on", async () => {
    const [ids, short] = [input([4], { dtype: "int32" }), input([2], { dtype: "int32" })];
    const lookUp = embedding({ inputDim: 4, outputDim: 2, maskZero: true });
    const layer = bidirectional({ layer: gru({ units: 2, returnSequences: true }) });
    const y = layer(lookUp(ids));
    const model = new Model({ inputs: ids, outputs: [y, maskReader()(y)] });
    const bare = new Model({ inputs: short, outputs: layer(lookUp(short)) });
    jitter(model);
    const [whole, mask] = await model.predictAll([[3, 0, 1, 0]]);
    const [wanted] = (await (await bare.predict([[3, 1]])).toArray()) as number[][][];
    const [found] = (await whole!.toArray()) as number[][][];
    expectClose(found!.flat(), [wanted![0]!, [0, 0, 0, 0], wanted![1]!, [0, 0, 0, 0]].flat(), 1e-6);
    expect(await mask!.toArray()).toEqual([[1, 0, 1, 0]]);
  });

  it("gives each direction cells of its own", () => {
    const model = sequential([input([2, 3]), bidirectional({ layer: rnn({ cell: gruCell({ units: 2 }) }) })]);
    expect(model.variables.map((variable) => model.pathOf(variable))).toEqual(
      ["forward", "backward"].flatMap((way) => ["kernel", "recurrent_kernel", "bias"].map((name) => `bidirectional/${way}_rnn/gru_cell/${name}`)),
    );
  });

  it("takes a backward layer of other units, and only one that goes backwards", () => {
    const layer = lstm({ units: 2 });
    const backwardLayer = lstm({ units: 3, goBackwards: true });
    expect(bidirectional({ layer, backwardLayer })(input([2, 3])).shape).toEqual(["batch", 5]);
    expect(mistake(() => bidirectional({ layer, backwardLayer: lstm({ units: 3 }) })).where).toBe("bidirectional, option backwardLayer");
    expect(mistake(() => bidirectional({ layer, backwardLayer: lstm({ units: 3, goBackwards: true, returnSequences: true }) })).expected).toContain("returnSequences");
    expect(mistake(() => bidirectional({ layer: dense({ units: 1 }) })).where).toBe("bidirectional, option layer");
    expect(mistake(() => bidirectional({ layer, mergeMode: "add" as never })).where).toBe("bidirectional, option mergeMode");
  });
});

describe("TimeDistributed", () => {
  it("does the same to each step", async () => {
    const x = input([2, 3]);
    const model = new Model({ inputs: x, outputs: timeDistributed({ layer: dense({ units: 1, kernelInitializer: "ones" }) })(x) });
    expect(await (await model.predict([[[1, 2, 3], [4, 5, 6]]])).toArray()).toEqual([[[6], [15]]]);
  });

  it("holds a model, which is saved and trained with it", async () => {
    const inner = sequential([input([3]), dense({ units: 2 }), batchNormalization()], { name: "inner" });
    const model = sequential([input([2, 3]), timeDistributed({ layer: inner })]).compile({ optimizer: "sgd", loss: "mse" });
    model.initialize(1);
    const paths = ["dense/kernel", "dense/bias", "batch_normalization/gamma", "batch_normalization/beta", "batch_normalization/movingMean", "batch_normalization/movingVariance"];
    expect(model.variables.map((variable) => model.pathOf(variable))).toEqual(paths.map((path) => `time_distributed/inner/${path}`));
    const set = { x: [[[1, 2, 3], [4, 5, 6]]], y: [[[1, 2], [3, 4]]] };
    const loaded = await fromBytes(await model.toBytes());
    for (const each of [model, loaded]) await each.trainOnBatch(set);
    const values = (which: Model) => Promise.all(which.variables.map((variable) => variable.read()));
    expect(await values(loaded)).toEqual(await values(model));
    // Frozen as a whole, from outside: not even running statistics move.
    loaded.layers[0]!.trainable = false;
    expect(loaded.trainableVariables).toEqual([]);
    loaded.layers[0]!.trainable = true;
    [...loaded.layers[0]!.inner.keys()][0]!.trainable = false;
    expect(loaded.trainableVariables).toEqual([]);
  });

  it.each([
    ["batch normalization", () => batchNormalization({ momentum: 0.5, epsilon: 0 })],
    ["a model with it", () => sequential([input([1]), batchNormalization({ momentum: 0.5, epsilon: 0 })])],
  ])("trains %s on the rows of one step at a time, one step after the other", async (_what, make) => {
    const layer = timeDistributed({ layer: make() });
    const model = sequential([input([2, 1]), layer]).compile({ optimizer: sgd({ learningRate: 0 }), loss: "mse" });
    model.initialize(1);
    const x = [[[1], [10]], [[3], [20]]];
    // The steps have means 2 and 15, variances 1 and 25: normalized, all rows are as here.
    const { loss } = await model.trainOnBatch({ x, y: [[[-1], [-1]], [[1], [1]]] });
    expect(loss).toBeLessThan(1e-10);
    // Halfway to the first step's, then halfway to the second's: (0 + 2) / 2 = 1, (1 + 15) / 2 = 8; (1 + 1) / 2 = 1, (1 + 25) / 2 = 13.
    const [, , mean, variance] = await Promise.all(layer.variables.map((variable) => variable.read()));
    expectClose([mean![0] as number, variance![0] as number], [8, 13], 1e-5);
  });

  it("leaves rows out of a step's statistics where they are masked there", async () => {
    const table = embedding({ inputDim: 4, outputDim: 1, maskZero: true, trainable: false });
    const layer = timeDistributed({ layer: batchNormalization({ momentum: 0.5 }) });
    const model = sequential([input([3], { dtype: "int32" }), table, layer]).compile({ optimizer: sgd({ learningRate: 0 }), loss: "mse" });
    model.initialize(1);
    table.variables[0]!.assign([1000, 1, 2, 6]);
    await model.trainOnBatch({ x: { data: Int32Array.of(1, 2, 0, 3, 0, 0), shape: [2, 3] }, y: { data: new Float32Array(6), shape: [2, 3, 1] } });
    const [, , mean, variance] = await Promise.all(layer.variables.map((variable) => variable.read()));
    // Means 3.5, 2 and 0 where no row is valid, variances 6.25, 0 and 0; the epsilon in their divisor takes up to 1e-7 of them.
    expectClose([mean![0] as number, variance![0] as number], [1.75 / 4 + 2 / 4, ((1 + 6.25) / 2) / 4], 1e-6);
  });

  it("says where a layer inside it went wrong", () => {
    const layer = timeDistributed({ layer: dense({ units: 1, name: "head" }), name: "each" });
    layer(input([2, 3]));
    const error = mistake(() => layer(input([2, 4])));
    expect(error).toMatchObject({ code: "SHAPE_MISMATCH", where: 'timeDistributed "each", dense "each/head"' });
  });
});

describe("layers inside layers", () => {
  it("are refused by files where two layers hold the same one", async () => {
    const shared = dense({ units: 3 });
    const x = input([2, 3]);
    const model = new Model({ inputs: x, outputs: timeDistributed({ layer: shared })(timeDistributed({ layer: shared })(x)) });
    await expect(model.toBytes()).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("are part of the configuration, with the names that they have inside", () => {
    const { config } = layerConfig(sequential([input([2, 3]), timeDistributed({ layer: dense({ units: 1 }) })]).layers[0]!);
    expect(config["layer"]).toMatchObject({ className: "Dense", name: "dense", trainable: true, config: { units: 1 } });
  });
});
