import { describe, expect, it } from "vitest";
import { keyOf, normals, uniforms } from "../../random/index.js";
import { type LossLike, sparseCategoricalCrossentropy } from "../../losses/index.js";
import { adam } from "../../optimizers/index.js";
import type { Variable } from "../../layers/variable.js";
import type { ArraySet } from "../fitData.js";
import type { Model } from "../model.js";
import * as zoo from "./index.js";

const SAMPLES = 6;
const CLASSES = 3;

interface Case {
  readonly make: () => Model;
  readonly loss: LossLike;
  readonly data: (model: Model) => ArraySet;
  readonly epochs?: number;
  readonly learningRate?: number;
  /** What the last epoch's loss is, as a share of the first one's. Default at most 0.2. */
  readonly share?: number;
}

const images = (model: Model, draw = uniforms): { data: Float32Array; shape: number[] } => values(model.inputs[0]!.shape.slice(1).map(Number), draw);

function values(shape: readonly number[], draw: typeof normals): { data: Float32Array; shape: number[] } {
  const size = shape.reduce((a, b) => a * b, SAMPLES);
  return { data: draw(keyOf(7), size), shape: [SAMPLES, ...shape] };
}

/** Ids from 1: 0 is padding. */
function tokens(length: number, ids: number): { data: Int32Array; shape: number[] } {
  const { data, shape } = values([length], uniforms);
  return { data: Int32Array.from(data, (u) => 1 + Math.floor(u * (ids - 1))), shape };
}

const classified = (model: Model): ArraySet => ({ x: images(model, normals), y: Int32Array.from({ length: SAMPLES }, (_, i) => i % CLASSES) });
const restored = (model: Model): ArraySet => ({ x: images(model), y: images(model) });
const small = { classes: CLASSES, inputShape: [32, 32, 3], width: 0.125 } as const;
const sorting = { loss: "sparseCategoricalCrossentropy", data: classified } as const;
const logits = sparseCategoricalCrossentropy({ fromLogits: true });
const translated = (): ArraySet => ({ x: { source: tokens(6, 20), target: tokens(5, 20) }, y: tokens(5, 20) });
const sequences = { sourceLength: 6, targetLength: 5 };

const cases: Readonly<Record<string, Case>> = {
  mlp: { ...sorting, make: () => zoo.mlp({ inputShape: [6], hidden: [16], classes: CLASSES, dropout: 0 }) },
  leNet5: { ...sorting, make: () => zoo.leNet5({ classes: CLASSES }), learningRate: 0.003 },
  alexNet: { ...sorting, make: () => zoo.alexNet({ ...small, inputShape: [63, 63, 3], width: 0.0625 }), learningRate: 0.003, share: 0.5 },
  vgg16: { ...sorting, make: () => zoo.vgg16(small), epochs: 60, learningRate: 0.001 },
  inceptionV1: { ...sorting, make: () => zoo.inceptionV1({ ...small, batchNormalization: true }), epochs: 12 },
  resNet18: { ...sorting, make: () => zoo.resNet18(small), epochs: 12 },
  resNet34: { ...sorting, make: () => zoo.resNet34(small), epochs: 12 },
  resNet50: { ...sorting, make: () => zoo.resNet50(small), epochs: 12 },
  xception: { ...sorting, make: () => zoo.xception({ ...small, width: 0.05 }), epochs: 12 },
  mobileNetV2: { ...sorting, make: () => zoo.mobileNetV2(small), epochs: 12 },
  uNet: {
    make: () => zoo.uNet({ inputShape: [16, 16, 1], filters: 8, depth: 2 }),
    loss: "sparseCategoricalCrossentropy",
    data: (model) => {
      const { data, shape } = images(model);
      return { x: { data, shape }, y: { data: Int32Array.from(data, (u) => (u > 0.5 ? 1 : 0)), shape: shape.slice(0, 3) } };
    },
  },
  denseAutoencoder: { make: () => zoo.denseAutoencoder({ inputShape: [4, 4], hidden: [16], latentDim: 8 }).model, loss: "meanSquaredError", data: restored, epochs: 200 },
  convolutionalAutoencoder: { make: () => zoo.convolutionalAutoencoder({ inputShape: [8, 8, 1], filters: [16, 16] }).model, loss: "meanSquaredError", data: restored, epochs: 200 },
  denoisingAutoencoder: { make: () => zoo.denoisingAutoencoder({ inputShape: [8, 8, 1], filters: [16, 16], noise: 0.05 }).model, loss: "meanSquaredError", data: restored, epochs: 200, share: 0.4 },
  variationalAutoencoder: { make: () => zoo.variationalAutoencoder({ inputShape: [8, 8, 1], filters: [16, 16], latentDim: 4, beta: 0.01 }).model, loss: "meanSquaredError", data: restored, epochs: 200, share: 0.4 },
  biLstmClassifier: {
    make: () => zoo.biLstmClassifier({ vocabularySize: 20, sequenceLength: 6, embeddingDim: 8, units: [8, 8] }),
    loss: "binaryCrossentropy",
    data: () => ({ x: tokens(6, 20), y: [[0], [1], [0], [1], [0], [1]] }),
  },
  seq2seq: { make: () => zoo.seq2seq({ ...sequences, sourceVocabulary: 20, targetVocabulary: 20, embeddingDim: 16, units: 32 }), loss: logits, data: translated, epochs: 60 },
  transformerClassifier: {
    make: () => zoo.transformerClassifier({ vocabularySize: 20, sequenceLength: 6, hiddenDim: 16, classes: CLASSES }),
    loss: "sparseCategoricalCrossentropy",
    data: () => ({ x: tokens(6, 20), y: Int32Array.from([0, 1, 2, 0, 1, 2]) }),
  },
  gpt: {
    make: () => zoo.gpt({ vocabularySize: 20, sequenceLength: 6, hiddenDim: 16, numHeads: 2, numLayers: 2, dropout: 0 }),
    loss: logits,
    data: () => ({ x: tokens(6, 20), y: tokens(6, 20) }),
    epochs: 60,
  },
  transformer: {
    make: () => zoo.transformer({ ...sequences, vocabularySize: 20, hiddenDim: 16, numHeads: 2, intermediateDim: 32, numLayers: 2, dropout: 0 }),
    loss: logits,
    data: translated,
    epochs: 60,
  },
  siamese: {
    make: () => zoo.siamese({ inputShape: [65, 65, 1], width: 0.1 }).model,
    loss: "binaryCrossentropy",
    data: () => ({ x: { left: values([65, 65, 1], uniforms), right: values([65, 65, 1], (_, n) => normals(keyOf(3), n)) }, y: [[0], [1], [0], [1], [0], [1]] }),
    share: 0.5,
  },
};

describe("each network of the zoo learns a few samples by heart", () => {
  it.each(Object.entries(cases))("%s", async (_, { make, loss, data, epochs = 40, learningRate = 0.01, share = 0.2 }) => {
    const model = make().compile({ optimizer: adam({ learningRate }), loss });
    const { logs } = await model.fit(data(model), { epochs, batchSize: SAMPLES, seed: 1, verbose: "silent" });
    expect(logs.loss!.at(-1)! / logs.loss![0]!).toBeLessThan(share);
  });
});

describe("halves of autoencoders", () => {
  it("share their weights with the whole", async () => {
    const { model, encoder, decoder } = zoo.convolutionalAutoencoder({ inputShape: [8, 8, 1], filters: [4, 4] });
    const { data } = images(model);
    const whole = await (await model.predict(data)).data();
    const steps = await (await decoder.predict(await encoder.predict(data))).data();
    expect(steps).toEqual(whole);
  });

  it("add noise, and draw codes, only while training", async () => {
    const options = { inputShape: [8, 8, 1], filters: [4, 4] } as const;
    for (const { model } of [zoo.denoisingAutoencoder(options), zoo.variationalAutoencoder(options)]) {
      const { data } = images(model);
      const [first, second] = [await model.predict(data), await model.predict(data)];
      expect(await first.data()).toEqual(await second.data());
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const set = { x: images(model), y: images(model) };
      const { loss } = await model.evaluate(set);
      // A first step's loss is that of the same weights, so only noise tells them apart.
      expect((await model.trainOnBatch(set)).loss).not.toBeCloseTo(loss, 6);
    }
  });

  it("a variational one pays for codes that are far from the standard normal", async () => {
    const lossAt = async (beta: number): Promise<number> => {
      const { model } = zoo.variationalAutoencoder({ inputShape: [8, 8, 1], filters: [4], latentDim: 3, beta });
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" }).initialize(0);
      for (const name of ["z_mean", "z_log_var"]) {
        const { variables } = model.layers[model.layerNames.indexOf(name)]!;
        for (const variable of variables) variable.assign(new Float32Array(variable.size).fill(variable.name === "bias" ? 2 : 0));
      }
      return (await model.evaluate({ x: images(model), y: images(model) })).loss;
    };
    // μ = 2 and log σ² = 2 in each of three places; the loss is a mean over 64 elements.
    const divergence = (3 * 0.5 * (4 + Math.exp(2) - 2 - 1)) / 64;
    expect((await lossAt(5)) - (await lossAt(1))).toBeCloseTo(4 * divergence, 5);
  });
});

describe("gan", () => {
  const networks = (): zoo.Gan => zoo.gan({ inputShape: [8, 8, 1], latentDim: 4, width: 0.0625 });
  /** Dark images with a bright middle. */
  const spots = Array.from({ length: 64 }, () => Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => [i > 2 && i < 5 && j > 2 && j < 5 ? 0.9 : -0.9])));

  it("makes images like those that it was shown", async () => {
    const { generator, discriminator } = networks();
    const distance = async (): Promise<number> => {
      const made = await (await generator.predict(normals(keyOf(9), 16 * 4))).data();
      const wanted = Float32Array.from(spots.slice(0, 16).flat(3));
      return Math.sqrt(wanted.reduce((sum, x, i) => sum + (x - Number(made[i])) ** 2, 0) / wanted.length);
    };
    const before = await distance();
    const epochs: number[] = [];
    const history = await zoo.trainGan({ generator, discriminator }, spots, { epochs: 60, batchSize: 16, learningRate: 0.002, seed: 2, onEpoch: ({ epoch }) => void epochs.push(epoch) });
    expect(epochs).toEqual(history.map(({ epoch }) => epoch));
    expect(history.every(({ generatorLoss, discriminatorLoss }) => Number.isFinite(generatorLoss + discriminatorLoss))).toBe(true);
    expect(await distance()).toBeLessThan(before / 2);
  });

  it("changes every weight of both networks", async () => {
    const { generator, discriminator } = networks();
    generator.initialize(0);
    discriminator.initialize(0);
    const snapshot = async (variables: readonly Variable[]): Promise<unknown[]> => Promise.all(variables.map((variable) => variable.read()));
    const [made, judged] = [await snapshot(generator.trainableVariables), await snapshot(discriminator.trainableVariables)];
    await zoo.trainGan({ generator, discriminator }, spots.slice(0, 8), { batchSize: 8 });
    expect((await snapshot(generator.trainableVariables)).some((value, i) => String(value) === String(made[i]))).toBe(false);
    expect((await snapshot(discriminator.trainableVariables)).some((value, i) => String(value) === String(judged[i]))).toBe(false);
  });

  it("gives the same networks for the same seed, and stops when told to", async () => {
    const runs = await Promise.all([1, 2].map(async () => zoo.trainGan(networks(), spots, { batchSize: 32, seed: 5 })));
    expect(runs[0]).toEqual(runs[1]);
    await expect(zoo.trainGan(networks(), spots, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  });
});
