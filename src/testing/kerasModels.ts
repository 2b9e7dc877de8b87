import * as initializers from "../initializers/index.js";
import * as layers from "../layers/index.js";
import * as metrics from "../metrics/index.js";
import { Model } from "../models/model.js";
import { sequential } from "../models/sequential.js";
import * as optimizers from "../optimizers/index.js";
import * as schedules from "../schedules/index.js";
import type { StoredArray } from "./kerasCases.js";

interface BuiltCase {
  readonly model: () => Model;
  readonly inputs: readonly StoredArray[];
}

/** Waves, so that no two elements are the same. */
function waves(...shape: number[]): StoredArray {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { dtype: "float32", shape, data: Array.from({ length: size }, (_, i) => Math.fround(Math.sin(1.7 * i + shape.length))) };
}

function ids(limit: number, ...shape: number[]): StoredArray {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { dtype: "int32", shape, data: Array.from({ length: size }, (_, i) => (i * 7) % limit) };
}

function convolutions(): Model {
  const x = layers.input([8, 8, 3], { name: "image" });
  const h = layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", kernelRegularizer: "l2", name: "block/conv" })(x);
  const normed = layers.batchNormalization({ momentum: 0.9 })(h);
  const pooled = layers.maxPooling2d()(layers.activation({ activation: "leakyRelu" })(normed));
  const skipped = layers.conv2d({ filters: 4, kernelSize: 1, strides: 2, useBias: false })(x);
  const both = layers.add()([pooled, skipped]);
  const wide = layers.upSampling2d()(layers.zeroPadding2d({ padding: [[1, 0], [2, 1]] })(both));
  return new Model({ inputs: x, outputs: layers.dense({ units: 2 })(layers.flatten()(layers.cropping2d({ cropping: 1 })(wide))) });
}

function sequences(): Model {
  const words = layers.input([6], { name: "words", dtype: "int32" });
  const embedded = layers.embedding({ inputDim: 9, outputDim: 4, maskZero: true })(words);
  const both = layers.bidirectional({ layer: layers.lstm({ units: 3, returnSequences: true, dropout: 0.1 }) })(embedded);
  const [y, h] = layers.gru({ units: 4, returnSequences: true, returnState: true })(both) as never as [typeof both, typeof both];
  const looked = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 })([y, both]);
  const normed = layers.layerNormalization({ epsilon: 1e-5 })(layers.add()([looked, y]));
  const plain = layers.dense({ units: 4 })(layers.reshape({ targetShape: [6, 4] })(normed));
  const ends = layers.simpleRNN({ units: 4 })(plain, { initialState: [h] });
  return new Model({ inputs: words, outputs: { ends, state: h } });
}

function several(): Model {
  const [a, b] = [layers.input([4], { name: "a" }), layers.input([4], { name: "b" })];
  const shared = layers.dense({ units: 5, activation: "relu", name: "shared" });
  const block = sequential([layers.input([5]), layers.dense({ units: 3 }), layers.batchNormalization(), layers.dropout({ rate: 0.5 })], { name: "block" });
  const c = layers.concatenate()([block(shared(a)), block(shared(b))]);
  const value = layers.dense({ units: 1, name: "first" })(layers.add()([shared(a), shared(b)]));
  const kind = layers.dense({ units: 3, activation: "softmax", name: "second", kernelInitializer: initializers.heNormal({ seed: 1 }) })(c);
  const model = new Model({ inputs: [a, b], outputs: { value, kind } });
  model.compile({
    optimizer: optimizers.adamw({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10 }), clipnorm: 1 }),
    loss: { value: "huber", kind: "sparseCategoricalCrossentropy" },
    lossWeights: { value: 2, kind: 1 },
    metrics: { value: ["mae"], kind: ["accuracy"] },
  });
  return model;
}

function nested(): Model {
  const inside = sequential([layers.input([4]), layers.dense({ units: 3, activation: "gelu" }), layers.rmsNormalization()], { name: "inside" });
  const cells = [layers.gruCell({ units: 3 }), layers.lstmCell({ units: 2 })];
  const x = layers.input([5, 4]);
  const each = layers.timeDistributed({ layer: inside })(x);
  return new Model({ inputs: x, outputs: [layers.rnn({ cell: layers.stackedRNNCells({ cells }) })(each), layers.globalAveragePooling1d()(each)] });
}

/** The model alone, as the only layer of another. */
function wrapped(): Model {
  const x = layers.input([4], { name: "x" });
  const inside = sequential([layers.input([4]), layers.dense({ units: 2 })], { name: "inside" });
  return new Model({ inputs: x, outputs: inside(x) });
}

/** A model inside whose outputs have names of their own, which are not in their alphabetical order. */
function named(): Model {
  const [wide, narrow] = [layers.input([4], { name: "wide" }), layers.input([4], { name: "narrow" })];
  const block = new Model({ inputs: [wide, narrow], outputs: { sum: layers.dense({ units: 3 })(wide), rest: layers.dense({ units: 2 })(narrow) }, name: "block" });
  const x = layers.input([4], { name: "x" });
  const [sum, rest] = block([x, layers.activation({ activation: "tanh" })(x)]) as never as [typeof x, typeof x];
  const model = new Model({ inputs: x, outputs: [layers.softmax()(sum), rest] });
  // Options whose names have single letters, and metrics that sample weights count in.
  return model.compile({
    optimizer: "sgd",
    loss: "mse",
    metrics: { output: [metrics.meanIoU({ numClasses: 3, sparseYPred: false, sparseYTrue: false })] },
    weightedMetrics: { output: ["mae"] },
  });
}

/** Models that are built here and opened in Keras, with what they are given there. */
export const kerasModels: Readonly<Record<string, BuiltCase>> = {
  convolutions: { model: convolutions, inputs: [waves(2, 8, 8, 3)] },
  sequences: { model: sequences, inputs: [ids(9, 3, 6)] },
  several: { model: several, inputs: [waves(3, 4), waves(3, 4)] },
  named: { model: named, inputs: [waves(3, 4)] },
  nested: { model: nested, inputs: [waves(2, 5, 4)] },
  wrapped: { model: wrapped, inputs: [waves(2, 4)] },
};
