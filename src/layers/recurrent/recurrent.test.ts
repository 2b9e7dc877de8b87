import { describe, expect, it } from "vitest";
import * as initializers from "../../initializers/index.js";
import { fromBytes } from "../../models/load.js";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import "../../ops/methods.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, floats, jitter, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { dense } from "../core/dense.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { defineCell } from "./cell.js";
import { convLSTM1d, convLSTM2d } from "./convLSTM.js";
import { gru, gruCell } from "./gru.js";
import { lstm, lstmCell } from "./lstm.js";
import type { SequenceFactory } from "./options.js";
import { rnn } from "./rnn.js";
import { simpleRNN, simpleRNNCell } from "./simpleRNN.js";

const weights = (cell: string, features: number, units: number, gates: number, bias = [gates * units]) => ({
  [`${cell}/kernel`]: [features, gates * units],
  [`${cell}/recurrent_kernel`]: [units, gates * units],
  [`${cell}/bias`]: bias,
});

layerTest((extra) => simpleRNN({ units: 2, ...extra }), [{ shape: [3, 2] }], {
  output: [2],
  weights: weights("simple_rnn_cell", 2, 2, 1),
  refused: [[[3, 3]], [[2]]],
});

layerTest((extra) => lstm({ units: 2, returnSequences: true, ...extra }), [{ shape: [3, 2] }], {
  output: [3, 2],
  weights: weights("lstm_cell", 2, 2, 4),
  refused: [[[3, 3]], [[2]]],
});

layerTest((extra) => lstm({ units: 2, recurrentActivation: "softmax", goBackwards: true, dropout: 0.2, recurrentDropout: 0.2, ...extra }), [{ shape: [2, 2] }], {
  title: "LSTM with gates that compete, backwards, with dropout",
  output: [2],
  weights: weights("lstm_cell", 2, 2, 4),
  trainingDiffers: true,
  refused: [[[2, 3]]],
  overfit: 0.1,
});

layerTest((extra) => gru({ units: 2, ...extra }), [{ shape: [3, 2] }], {
  output: [2],
  weights: weights("gru_cell", 2, 2, 3, [2, 6]),
  refused: [[[3, 3]], [[2]]],
});

layerTest((extra) => gru({ units: 2, resetAfter: false, returnSequences: true, ...extra }), [{ shape: [2, 2] }], {
  title: "GRU with the reset before the product",
  output: [2, 2],
  weights: weights("gru_cell", 2, 2, 3),
  refused: [[[2, 3]]],
});

layerTest((extra) => rnn({ cell: [gruCell({ units: 3 }), gruCell({ units: 2 })], ...extra }), [{ shape: [2, 2] }], {
  output: [2],
  weights: {
    ...weights("stacked_rnn_cells/gru_cell", 2, 3, 3, [2, 9]),
    ...weights("stacked_rnn_cells/gru_cell_1", 3, 2, 3, [2, 6]),
  },
  refused: [[[2, 3]]],
});

layerTest((extra) => convLSTM2d({ filters: 1, kernelSize: 2, padding: "same", ...extra }), [{ shape: [2, 2, 3, 1] }], {
  output: [2, 3, 1],
  weights: {
    "conv_lstm_cell/kernel": [2, 2, 1, 4],
    "conv_lstm_cell/recurrent_kernel": [2, 2, 1, 4],
    "conv_lstm_cell/bias": [4],
  },
  refused: [[[2, 2, 3, 2]], [[2, 3, 1]]],
  // ONNX Runtime convolves in float32 only.
  differences: "float32",
});

layerTest((extra) => convLSTM1d({ filters: 1, kernelSize: 2, strides: 2, dataFormat: "channelsFirst", returnSequences: true, ...extra }), [{ shape: [2, 2, 4] }], {
  title: "ConvLSTM1D with strides, channels first",
  output: [2, 1, 2],
  weights: {
    "conv_lstm_cell/kernel": [2, 2, 4],
    "conv_lstm_cell/recurrent_kernel": [2, 1, 4],
    "conv_lstm_cell/bias": [4],
  },
  refused: [[[2, 3, 4]]],
  differences: "float32",
});

/** A cell of a user's own: h' = h + tanh(x · kernel). */
const summing = defineCell({
  className: "SummingCell",
  defaults: { units: 2 },
  states: ({ config }) => [[config.units]],
  build: ({ addWeight, config }, step) => ({
    kernel: addWeight("kernel", { shape: [step.at(-1) as number, config.units], initializer: initializers.ones() }),
  }),
  call: ({ weights: { kernel } }, x, h) => {
    const next = h!.add(x.matmul(kernel).tanh());
    return [next, next];
  },
});

layerTest((extra) => rnn({ cell: summing(), returnSequences: true, ...extra }), [{ shape: [3, 2] }], {
  title: "RNN over a cell of one's own",
  output: [3, 2],
  weights: { "summing_cell/kernel": [2, 2] },
  refused: [[[3, 3]]],
});

const factories: [string, SequenceFactory<{ readonly units: number }>, number][] = [
  ["simpleRNN", simpleRNN, 1],
  ["lstm", lstm, 2],
  ["gru", gru, 1],
];
const data = dataTensor(floats(24, 3), "float32", [2, 4, 3]);

describe.each(factories)("%s", (_name, make, states) => {
  it("goes on from the states that it gave", async () => {
    const [whole, first, last] = [input([4, 3], { name: "whole" }), input([2, 3], { name: "first" }), input([2, 3], { name: "last" })];
    const layer = make({ units: 2, returnState: true });
    const [at2, ...between] = layer(first);
    expect(between).toHaveLength(states);
    const model = new Model({ inputs: [whole, first, last], outputs: [...layer(whole), ...layer(last, { initialState: between }), at2!] });
    jitter(model);
    const halves = data.split(2, 1);
    const outputs = await model.predictAll({ whole: data, first: halves[0]!, last: halves[1]! });
    const values = await Promise.all(outputs.map(async (output) => (await output.data()) as Float32Array));
    for (let i = 0; i <= states; i++) expectClose(values[i]!, values[states + 1 + i]!, 1e-6);
    // What a saved model keeps of the calls.
    const loaded = await fromBytes(await model.toBytes());
    const again = await loaded.predictAll({ whole: data, first: halves[0]!, last: halves[1]! });
    expect(await Promise.all(again.map((output) => output.data()))).toEqual(values);
  });

  it("skips masked steps, wherever they are", async () => {
    const ids = input([5], { dtype: "int32" });
    const short = input([3], { dtype: "int32" });
    const lookUp = embedding({ inputDim: 5, outputDim: 3, maskZero: true });
    const [layer, kept, zeroed] = [
      make({ units: 2 }),
      make({ units: 2, returnSequences: true }),
      make({ units: 2, returnSequences: true, zeroOutputForMask: true }),
    ] as const;
    const y = kept(lookUp(ids));
    const model = new Model({ inputs: ids, outputs: [layer(lookUp(ids)), y, zeroed(lookUp(ids)), maskReader()(y)] });
    const bare = new Model({ inputs: short, outputs: layer(lookUp(short)) });
    jitter(model);
    const [last, steps, zeros, mask] = await model.predictAll([[0, 3, 1, 0, 2]]);
    expectClose((await last!.data()) as Float32Array, (await (await bare.predict([[3, 1, 2]])).data()) as Float32Array, 1e-6);
    const [before, , at2, at3] = ((await steps!.toArray()) as number[][][])[0]!;
    expect(before).toEqual([0, 0]);
    expect(at3).toEqual(at2);
    expect(((await zeros!.toArray()) as number[][][])[0]!.map((step) => step.every((value) => value === 0))).toEqual([true, false, false, true, false]);
    expect(await mask!.toArray()).toEqual([[0, 1, 1, 0, 1]]);
  });

  it("goes backwards as forwards over the sequence turned round", async () => {
    const x = input([4, 3]);
    const [forward, backward] = [make({ units: 2, returnSequences: true }), make({ units: 2, returnSequences: true, goBackwards: true })];
    const model = new Model({ inputs: x, outputs: [forward(x), backward(x)] });
    jitter(model);
    backward.variables.forEach((variable, i) => variable.assign(forward.variables[i]!.value as Float32Array));
    const [ahead] = await model.predictAll(data);
    const [, back] = await model.predictAll(data.flip(1));
    expectClose((await back!.data()) as Float32Array, (await ahead!.data()) as Float32Array, 1e-6);
  });

  it("refuses states of another shape, and options that it lacks", () => {
    const x = input([4, 3]);
    expect(mistake(() => make({ units: 2 })(x, { initialState: input([3]) })).where).toMatch(/, argument initialState$/);
    expect(mistake(() => make({ units: 0 })).where).toMatch(/, option units$/);
    expect(mistake(() => make({ units: 1, dropout: 1 } as never)).where).toMatch(/, option dropout$/);
  });
});

describe("cells", () => {
  it.each([
    ["simpleRNNCell", (): Layer => simpleRNNCell({ units: 2 }), (): Layer => simpleRNN({ units: 2 }), 1],
    ["lstmCell", (): Layer => lstmCell({ units: 2 }), (): Layer => lstm({ units: 2 }), 2],
    ["gruCell", (): Layer => gruCell({ units: 2 }), (): Layer => gru({ units: 2 }), 1],
  ])("%s gives after one step what the layer gives", async (_name, makeCell, makeLayer, states) => {
    const [step, sequence] = [input([3], { name: "step" }), input([1, 3], { name: "sequence" })];
    const [cell, layer] = [makeCell(), makeLayer()];
    const [output, ...next] = cell.callAll(step);
    expect(next).toHaveLength(states);
    const model = new Model({ inputs: [step, sequence], outputs: [output!, layer(sequence)] });
    jitter(model);
    layer.variables.forEach((variable, i) => variable.assign(cell.variables[i]!.value as Float32Array));
    const x = floats(3, 1);
    const [a, b] = await model.predictAll({ step: dataTensor(x, "float32", [1, 3]), sequence: dataTensor(x, "float32", [1, 1, 3]) });
    expectClose((await a!.data()) as Float32Array, (await b!.data()) as Float32Array, 1e-6);
  });

  it("of one's own sum what they are told to", async () => {
    const model = sequential([input([2, 1]), rnn({ cell: summing({ units: 1 }) })]);
    expect(await (await model.predict([[[0], [1]]])).item()).toBeCloseTo(Math.tanh(1), 6);
  });

  it("are what rnn needs", () => {
    expect(mistake(() => rnn({ cell: dense({ units: 1 }) }))).toMatchObject({ where: "rnn, option cell", received: "dense" });
    expect(mistake(() => rnn({ cell: [] })).where).toMatch(/option cells$/);
  });
});

describe("LSTM", () => {
  it("begins with an open forget gate", async () => {
    const model = sequential([input([2, 1]), lstm({ units: 2 })]);
    model.initialize(1);
    expect(await model.variables[2]!.read()).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0, 0, 0));
  });

  it("penalises its output by the activity regularizer", async () => {
    const model = sequential([input([2, 1]), lstm({ units: 2, activityRegularizer: "l2" })]).compile({ optimizer: "sgd", loss: "mse" });
    model.initialize(1);
    const x = [[[1], [2]]];
    const y = (await model.predict(x)).toArray() as Promise<number[][]>;
    const [output] = await y;
    // The default l2 is 0.01 · Σ y².
    const wanted = 0.01 * output!.reduce((sum, value) => sum + value ** 2, 0);
    expect((await model.evaluate({ x, y: await y })).loss).toBeCloseTo(wanted, 6);
  });

  it("cannot stand in a row of layers where it gives a list", () => {
    const error = mistake(() => sequential([input([2, 1]), lstm({ units: 2, returnState: true })]));
    expect(error).toMatchObject({ where: "sequential, position 1", received: "one with 3" });
  });
});
