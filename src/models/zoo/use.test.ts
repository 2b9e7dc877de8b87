import { describe, expect, it } from "vitest";
import { keyOf, uniforms } from "../../random/index.js";
import { fromBytes } from "../load.js";
import type { Model } from "../model.js";
import * as zoo from "./index.js";

describe("networks of the zoo", () => {
  it.each<[string, () => Model]>([
    ["variationalAutoencoder, whose codes are drawn by a layer of its own", () => zoo.variationalAutoencoder({ inputShape: [8, 8, 1], filters: [4] }).model],
    ["siamese, which measures distances by a layer of its own", () => zoo.siamese({ encoder: zoo.mlp({ inputShape: [6], hidden: [4] }) }).model],
    ["resNet18", () => zoo.resNet18({ inputShape: [32, 32, 3], classes: 4, width: 0.1 })],
    ["gpt", () => zoo.gpt({ vocabularySize: 9, sequenceLength: 4, hiddenDim: 8, numHeads: 2, numLayers: 1 })],
  ])("are saved and opened again: %s", async (_, make) => {
    const model = make();
    const opened = await fromBytes(await model.toBytes());
    const data = Object.fromEntries(
      model.inputs.map(({ shape, dtype }, i) => {
        const sizes = [2, ...shape.slice(1).map(Number)];
        const values = uniforms(keyOf(1), sizes.reduce((a, b) => a * b));
        return [model.inputNames[i]!, { data: dtype === "int32" ? Int32Array.from(values, (u) => Math.floor(9 * u)) : values, shape: sizes }];
      }),
    );
    expect(await (await opened.predict(data)).data()).toEqual(await (await model.predict(data)).data());
  });

  it("without a classifier give the last feature map", () => {
    const options = { inputShape: [64, 64, 3], includeTop: false, width: 0.25 } as const;
    const shapes = [zoo.alexNet, zoo.vgg16, zoo.inceptionV1, zoo.resNet18, zoo.resNet50, zoo.mobileNetV2].map((make) => make(options).outputs[0]!.shape.slice(1));
    expect(shapes).toEqual([[1, 1, 64], [2, 2, 128], [2, 2, 256], [2, 2, 128], [2, 2, 512], [2, 2, 1280]]);
  });

  it("tell two classes by one probability, and more by one each", () => {
    const outputs = [2, 3].map((classes) => zoo.biLstmClassifier({ classes, vocabularySize: 9, sequenceLength: 2, units: [2] }).outputs[0]!.shape.at(-1));
    expect(outputs).toEqual([1, 3]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["an unknown option", () => zoo.vgg16({ weights: "imagenet" } as never), /vgg16: expected one of the options inputShape/],
    ["a width of nothing", () => zoo.resNet18({ width: 0 }), /resNet18, option width/],
    ["one number for a list", () => zoo.mlp({ hidden: 5 as never }), /mlp, option hidden: expected a list/],
    ["half a unit", () => zoo.biLstmClassifier({ units: [0.5] }), /option units/],
    ["an image that cannot be halved so often", () => zoo.uNet({ inputShape: [100, 100, 1] }), /multiples of 16/],
    ["an image without channels", () => zoo.gan({ inputShape: [8, 8] as never }), /gan, option inputShape/],
    ["no image at all", () => zoo.convolutionalAutoencoder({ inputShape: "large" as never }), /option inputShape/],
    ["a code of an image that cannot be halved", () => zoo.variationalAutoencoder({ inputShape: [7, 7, 1] }), /multiples of 4/],
    ["heads that cannot share the features", () => zoo.gpt({ hiddenDim: 30, numHeads: 4 }), /a multiple of the 4 heads/],
    ["the same in a translator", () => zoo.transformer({ hiddenDim: 30 }), /transformer, option hiddenDim/],
    ["the same in a classifier", () => zoo.transformerClassifier({ hiddenDim: 31 }), /transformerClassifier, option hiddenDim/],
    ["an encoder of two inputs", () => zoo.siamese({ encoder: zoo.seq2seq() }), /one input and one output, received "2 and 1"/],
  ])("refuse %s", (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ name: "NacreError", message: expect.stringMatching(message) }));
  });
});
