import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Model } from "../model.js";
import { summaryRows } from "../summaryRows.js";
import * as zoo from "./index.js";

const trained = (model: Model): number => model.trainableVariables.reduce((sum, { size }) => sum + size, 0);
const multiplyAdds = (model: Model): number => summaryRows(model).reduce((sum, row) => sum + row.multiplyAdds, 0);

describe("parameters are as many as published", () => {
  it.each<[string, () => Model, number]>([
    ["Keras's example of a multilayer perceptron on MNIST", () => zoo.mlp(), 669_706],
    // 156 + 2,416 + 48,120 + 10,164 + 850
    ["LeNet-5 with full connections", () => zoo.leNet5(), 61_706],
    ["torchvision's alexnet", () => zoo.alexNet(), 61_100_840],
    ["Keras's VGG16", () => zoo.vgg16(), 138_357_544],
    ["Caffe's bvlc_googlenet without auxiliary classifiers", () => zoo.inceptionV1(), 6_998_552],
    ["Keras's ResNet50", () => zoo.resNet50(), 25_636_712],
    ["Keras's Xception", () => zoo.xception(), 22_910_480],
    ["Keras's MobileNetV2", () => zoo.mobileNetV2(), 3_538_984],
    ["Keras's MobileNetV2 of alpha 0.35", () => zoo.mobileNetV2({ width: 0.35 }), 1_691_208],
    ["U-Net of one channel and two classes", () => zoo.uNet(), 31_030_658],
    ["Keras's deep autoencoder on MNIST", () => zoo.denseAutoencoder().model, 222_384],
    ["Keras's example of a convolutional autoencoder", () => zoo.convolutionalAutoencoder().model, 28_353],
    ["the same with noise", () => zoo.denoisingAutoencoder().model, 28_353],
    // 69,076 and 65,089
    ["Keras's example of a variational autoencoder", () => zoo.variationalAutoencoder().model, 134_165],
    ["Keras's example of a bidirectional LSTM", () => zoo.biLstmClassifier(), 2_757_761],
    ["the small GPT-2", () => zoo.gpt(), 124_439_808],
    // PyTorch's nn.Transformer has 44,140,544, two norms of 1,024 among them that the paper lacks; and the table.
    ["the base transformer", () => zoo.transformer(), 44_140_544 - 2 * 1024 + 37_000 * 512],
    ["Koch's siamese network", () => zoo.siamese().model, 38_951_745],
    ["TensorFlow's example of a generator", () => zoo.gan().generator, 2_330_944],
    ["TensorFlow's example of a discriminator", () => zoo.gan().discriminator, 212_865],
  ])("%s", (_, make, count) => {
    expect(make().parameterCount).toBe(count);
  });

  it.each<[string, () => Model, number]>([
    ["torchvision's resnet18", zoo.resNet18, 11_689_512],
    ["torchvision's resnet34", zoo.resNet34, 21_797_672],
  ])("%s, where running statistics do not count", (_, make, count) => {
    expect(trained(make())).toBe(count);
  });

  it("building and counting takes no weights' memory", () => {
    const model = zoo.vgg16();
    model.summary();
    expect(model.variables.filter(({ value }) => value !== undefined)).toEqual([]);
  });
});

describe("multiply-adds are as many as published", () => {
  it.each<[string, () => Model, number]>([
    // He et al. 2015, table 1, say 1.8, 3.6 and 3.8 · 10⁹; torchvision 1.81 and 3.66 for the first two.
    ["ResNet-18", zoo.resNet18, 1.81e9],
    ["ResNet-34", zoo.resNet34, 3.66e9],
    ["ResNet-50", zoo.resNet50, 3.86e9],
    ["VGG-16", zoo.vgg16, 15.5e9],
    ["MobileNetV2", zoo.mobileNetV2, 0.301e9],
    ["AlexNet", zoo.alexNet, 0.714e9],
    ["GoogLeNet", zoo.inceptionV1, 1.58e9],
    ["Xception", zoo.xception, 8.36e9],
  ])("%s", (_, make, count) => {
    expect(multiplyAdds(make()).toPrecision(3)).toBe(count.toPrecision(3));
  });
});

describe("layers are called as in Keras's applications", () => {
  const fixtures = JSON.parse(readFileSync(new URL("keras.fixtures.json", import.meta.url), "utf8")) as Record<string, Record<string, string>>;
  const makers: Readonly<Record<string, () => Model>> = { vgg16: zoo.vgg16, resNet50: zoo.resNet50, xception: zoo.xception, mobileNetV2: zoo.mobileNetV2 };

  it.each(Object.keys(makers))("%s, with weights of the same shapes", (name) => {
    const model = makers[name]!();
    const own = model.layers.map((layer, i) => [model.layerNames[i]!, layer.variables.map(({ shape }) => shape.join("x")).join(" ")]);
    expect(Object.fromEntries(own)).toEqual(fixtures[name]);
  });
});
