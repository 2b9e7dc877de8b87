import { describe, expect, it } from "vitest";
import { fromBytes } from "../../models/load.js";
import { Model } from "../../models/model.js";
import * as regularizers from "../../regularizers/index.js";
import { dataTensor } from "../../tensor/convert.js";
import { floats, jitter, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { additiveAttention, attention } from "./attention.js";
import { groupedQueryAttention } from "./groupedQueryAttention.js";
import type { AttentionLayer } from "./inputs.js";
import { multiHeadAttention } from "./multiHeadAttention.js";

const projections = (heads: number, shared: number, size: number, features: number) => ({
  "query/kernel": [features, heads, size],
  "query/bias": [heads, size],
  "key/kernel": [features, shared, size],
  "key/bias": [shared, size],
  "value/kernel": [features, shared, size],
  "value/bias": [shared, size],
  "attention_output/kernel": [heads, size, features],
  "attention_output/bias": [features],
});

layerTest((extra) => multiHeadAttention({ numHeads: 2, keyDim: 2, ...extra }), [{ shape: [3, 4] }], {
  output: [3, 4],
  weights: projections(2, 2, 2, 4),
  refused: [[[3, 5]], [[4]]],
});

const gated = { numHeads: 2, keyDim: 2, valueDim: 1, outputShape: 3, useGate: true, useBias: false, dropout: 0.3 };
layerTest((extra) => multiHeadAttention({ ...gated, ...extra }), [{ shape: [2, 4] }, { shape: [3, 2] }], {
  title: "MultiHeadAttention to another sequence, gated, with dropout and without biases",
  output: [2, 3],
  weights: {
    "query/kernel": [4, 2, 2],
    "key/kernel": [2, 2, 2],
    "gate/kernel": [4, 2, 1],
    "value/kernel": [2, 2, 1],
    "attention_output/kernel": [2, 1, 3],
  },
  trainingDiffers: true,
  refused: [[[2, 4], [3, 3]], [[2, 4], [2]]],
  // Dropout draws in float32.
  overfit: 0.1,
});

layerTest((extra) => multiHeadAttention({ numHeads: 2, keyDim: 2, attentionAxes: 2, ...extra }), [{ shape: [2, 3, 2] }], {
  title: "MultiHeadAttention along one of two axes",
  output: [2, 3, 2],
  weights: projections(2, 2, 2, 2),
  refused: [[[2, 3, 3]]],
});

layerTest((extra) => groupedQueryAttention({ headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2, ...extra }), [{ shape: [3, 4] }], {
  output: [3, 4],
  weights: projections(4, 2, 2, 4),
  refused: [[[3, 5]], [[3, 3, 4]]],
});

layerTest((extra) => attention({ useScale: true, ...extra }), [{ shape: [2, 3] }, { shape: [4, 3] }], {
  output: [2, 3],
  weights: { scale: [] },
  refused: [[[2, 3], [4, 2]]],
});

layerTest((extra) => attention({ scoreMode: "concat", ...extra }), [{ shape: [2, 3] }, { shape: [4, 3] }], {
  title: "Attention by sums",
  output: [2, 3],
  weights: { concat_score_weight: [] },
  refused: [[[2, 3], [4, 2]]],
});

layerTest((extra) => additiveAttention(extra), [{ shape: [2, 3] }, { shape: [4, 2] }, { shape: [4, 3] }], {
  output: [2, 2],
  weights: { scale: [3] },
  refused: [[[2, 3], [4, 2], [3, 3]]],
});

const makers: [string, () => AttentionLayer][] = [
  ["multiHeadAttention", () => multiHeadAttention({ numHeads: 2, keyDim: 2 })],
  ["groupedQueryAttention", () => groupedQueryAttention({ headDim: 2, numQueryHeads: 2, numKeyValueHeads: 1 })],
  ["attention", () => attention()],
  ["additiveAttention", () => additiveAttention()],
];

describe("a row without valid keys", () => {
  const x = input([2, 3]);
  const nothing = input([2, 2], { dtype: "bool", name: "nothing" });
  const data = dataTensor(floats(6, 1), "float32", [1, 2, 3]);

  it("weighs nothing where its weights are shown, and all alike where they are not, as in Keras", async () => {
    const layer = multiHeadAttention({ numHeads: 2, keyDim: 2 });
    const [shown, weights] = layer([x, x], { attentionMask: nothing, returnAttentionScores: true });
    const hidden = layer([x, x], { attentionMask: nothing });
    const model = new Model({ inputs: [x, nothing], outputs: [shown, weights, hidden] });
    jitter(model);
    const outputs = await model.predictAll({ [model.inputNames[0]!]: data, nothing: dataTensor([[[0, 0], [1, 1]]], "bool") });
    const [output, scores, alike] = (await Promise.all(outputs.map((y) => y.toArray()))) as [number[][][], number[][][][], number[][][]];
    expect(scores[0]!.map(([first]) => first)).toEqual([[0, 0], [0, 0]]);
    expect(output[0]![1]).toEqual(alike[0]![1]);
    expect(output[0]![0]).not.toEqual(alike[0]![0]);
  });

  it("takes a mask of one row and column for all", async () => {
    const one = input([1, 1], { dtype: "bool", name: "one" });
    const model = new Model({ inputs: [x, one], outputs: multiHeadAttention({ numHeads: 2, keyDim: 2 })([x, x], { attentionMask: one }) });
    expect((await model.predict({ [model.inputNames[0]!]: data, one: dataTensor([[[1]]], "bool") })).shape).toEqual([1, 2, 3]);
  });
});

describe.each(makers)("%s", (_name, make) => {
  const x = dataTensor(floats(12, 1), "float32", [1, 4, 3]);

  it("gives weights that sum to 1, and no look ahead where it is causal", async () => {
    const symbol = input([4, 3]);
    const [y, weights] = make()(symbol, { useCausalMask: true, returnAttentionScores: true });
    const model = new Model({ inputs: symbol, outputs: [y, weights] });
    jitter(model);
    const values = Array.from((await (await model.predictAll(x))[1]!.data()) as Float32Array);
    for (let row = 0; row < values.length / 4; row++) {
      const weightsOfRow = values.slice(row * 4, row * 4 + 4);
      // Four float32 of about 1/4 sum to 1 but for some roundings of 2⁻²⁴.
      expect(weightsOfRow.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      expect(weightsOfRow.slice((row % 4) + 1).every((weight) => weight === 0)).toBe(true);
    }
  });

  it("keeps the arguments of its call in a saved model", async () => {
    const symbol = input([4, 3]);
    const mask = input([4], { dtype: "bool", name: "valid" });
    const model = new Model({ inputs: [symbol, mask], outputs: make()([symbol, symbol], { useCausalMask: true, mask: [null, mask] }) });
    jitter(model);
    const loaded = await fromBytes(await model.toBytes());
    const [plain] = model.inputNames;
    const predict = async (which: Model, valid: number[]): Promise<unknown> =>
      (await which.predict({ [plain!]: x, valid: dataTensor([valid], "bool") })).toArray();
    expect(await predict(loaded, [1, 1, 0, 1])).toEqual(await predict(model, [1, 1, 0, 1]));
    expect(await predict(loaded, [1, 1, 0, 1])).not.toEqual(await predict(loaded, [1, 1, 1, 1]));
  });

  it("looks at no masked step, and hands on the query's mask", async () => {
    const ids = input([4], { dtype: "int32" });
    const embedded = embedding({ inputDim: 5, outputDim: 3, maskZero: true })(ids);
    const y = make()(embedded);
    const model = new Model({ inputs: ids, outputs: [y, maskReader()(y)] });
    jitter(model);
    const [short, mask] = await model.predictAll([[1, 2, 0, 0]]);
    expect(await mask!.toArray()).toEqual([[1, 1, 0, 0]]);
    // The same sequence without padding, in the same weights.
    const two = input([2], { dtype: "int32" });
    const [lookUp, layer] = model.layers as [Layer, Layer];
    const bare = new Model({ inputs: two, outputs: layer(lookUp(two)) });
    const wanted = (await (await bare.predict([[1, 2]])).data()) as Float32Array;
    const found = (await short!.data()) as Float32Array;
    wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
  });

  it("names an argument that it does not have", () => {
    const error = mistake(() => make()(input([4, 3]), { useCausalMsk: true } as never));
    expect(error).toMatchObject({ code: "UNKNOWN_NAME", fix: 'did you mean "useCausalMask"?' });
  });
});

describe("MultiHeadAttention", () => {
  it("takes a mask for each pair of steps, and a window", async () => {
    const x = input([3, 2]);
    const pairs = input([3, 3], { dtype: "bool", name: "pairs" });
    const window = multiHeadAttention({ numHeads: 1, keyDim: 2, slidingWindow: 2 });
    const [, weights] = window([x, x], { attentionMask: pairs, returnAttentionScores: true });
    const model = new Model({ inputs: [x, pairs], outputs: weights });
    const mask = [[1, 1, 1], [0, 1, 1], [1, 1, 1]];
    const data = { [model.inputNames[0]!]: dataTensor(floats(6, 1), "float32", [1, 3, 2]), pairs: dataTensor([mask], "bool") };
    const found = (await (await model.predict(data)).toArray()) as number[][][][];
    expect(found[0]![0]!.map((row) => row.map((weight) => (weight > 0 ? 1 : 0)))).toEqual([[1, 1, 0], [0, 1, 1], [0, 1, 1]]);
  });

  it.each([
    [{ numHeads: 0, keyDim: 2 }, "numHeads"],
    [{ numHeads: 1, keyDim: 1.5 }, "keyDim"],
    [{ numHeads: 1, keyDim: 1, dropout: 1 }, "dropout"],
    [{ numHeads: 1, keyDim: 1, slidingWindow: 0 }, "slidingWindow"],
  ])("refuses %j", (options, option) => {
    expect(mistake(() => multiHeadAttention(options)).where).toBe(`multiHeadAttention, option ${option}`);
  });

  it("refuses four inputs", () => {
    const x = input([3, 2]);
    expect(mistake(() => multiHeadAttention({ numHeads: 1, keyDim: 1 })([x, x, x, x])).received).toBe("4 inputs");
  });
});

describe("GroupedQueryAttention", () => {
  it("refuses heads that do not fall into groups", () => {
    const error = mistake(() => groupedQueryAttention({ headDim: 2, numQueryHeads: 3, numKeyValueHeads: 2 }));
    expect(error.where).toBe("groupedQueryAttention, option numQueryHeads");
  });
});

describe("activityRegularizer", () => {
  const heads = { numHeads: 2, keyDim: 3, activityRegularizer: regularizers.l2({ l2: 0.1 }) };
  const grouped = { headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, activityRegularizer: regularizers.l2({ l2: 0.1 }) };
  const wave = (i: number): number => Math.floor(i) / 6 - 1;
  const data = Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? wave(i) : -0.5 * wave(i - 12)));

  // Keras 3.15, with weights sin(1.3 n + number of the weight).
  it("counts the gate's variables before those of the values, as Keras does", () => {
    const x = input([3, 4]);
    const model = new Model({ inputs: x, outputs: (groupedQueryAttention({ ...grouped, useGate: true }) as AttentionLayer)(x) });
    expect(model.variables.map(({ name }) => name.split("/")[0]).filter((_, i) => i % 2 === 0)).toEqual(["query", "key", "gate", "value", "attention_output"]);
  });

  it.each([
    ["multiHeadAttention", () => multiHeadAttention(heads), false, 5.1104172],
    ["a gated one", () => multiHeadAttention({ ...heads, useGate: true }), false, 4.8718841],
    ["groupedQueryAttention", () => groupedQueryAttention(grouped), false, 4.6460221],
    ["one that shows its scores", () => groupedQueryAttention(grouped), true, 5.0467938],
  ] as const)("penalises the projections of %s as in Keras", async (_name, layer, scores, wanted) => {
    const x = input([3, 4]);
    const given = (layer() as AttentionLayer)(x, { returnAttentionScores: scores as boolean }) as never;
    const model = new Model({ inputs: x, outputs: given }).compile({ optimizer: "sgd", loss: "mse" });
    model.variables.forEach((variable, i) => variable.assign(Float32Array.from({ length: variable.size }, (_, n) => Math.sin(1.3 * n + i))));
    const inputs = { x: { data, shape: [2, 3, 4] } };
    const predicted = await model.predictAll(inputs.x);
    const labels = await Promise.all(predicted.map(async (y) => ({ data: (await y.data()) as Float32Array, shape: y.shape as number[] })));
    const y = labels.length === 1 ? labels[0]! : Object.fromEntries(labels.map((label, i) => [model.outputNames[i]!, label]));
    // Sums of a few dozen squares in float32.
    expect((await model.evaluate({ ...inputs, y } as never)).loss).toBeCloseTo(wanted, 4);
  });
});
