import { describe, expect, it } from "vitest";
import "../../testing/engine.js";
import * as image from "../../image/index.js";
import { layers, type Layer, sequential } from "../../index.js";
import { decodeModel } from "../../onnx/proto.js";

/** The operators in a layer's file, sorted. */
async function operators(shape: readonly number[], layer: Layer): Promise<string[]> {
  const { graph } = decodeModel(await sequential([layers.input(shape), layer]).toOnnx());
  return graph.nodes.map(({ opType }) => opType).toSorted();
}

type Factory = () => Layer;
const [steps, pixels, voxels] = [[4, 3], [6, 6, 3], [2, 4, 4, 3]] as const;

/** Layers that do nothing outside of training, by the names under which they are exported. */
const idle: Readonly<Record<string, readonly [shape: readonly number[], make: Factory]>> = {
  activityRegularization: [steps, () => layers.activityRegularization({ l2: 0.1 })],
  alphaDropout: [steps, () => layers.alphaDropout({ rate: 0.3 })],
  dropout: [steps, () => layers.dropout({ rate: 0.3 })],
  gaussianDropout: [steps, () => layers.gaussianDropout({ rate: 0.3 })],
  gaussianNoise: [steps, () => layers.gaussianNoise({ stddev: 0.3 })],
  spatialDropout1d: [steps, () => layers.spatialDropout1d({ rate: 0.3 })],
  spatialDropout2d: [pixels, () => layers.spatialDropout2d({ rate: 0.3 })],
  spatialDropout3d: [voxels, () => layers.spatialDropout3d({ rate: 0.3 })],
  cutMix: [pixels, () => image.cutMix()],
  mixUp: [pixels, () => image.mixUp()],
  randomBrightness: [pixels, () => image.randomBrightness({ factor: 0.1 })],
  randomColorDegeneration: [pixels, () => image.randomColorDegeneration({ factor: 0.1 })],
  randomColorJitter: [pixels, () => image.randomColorJitter({ brightnessFactor: 0.1, hueFactor: 0.1 })],
  randomContrast: [pixels, () => image.randomContrast({ factor: 0.1 })],
  randomErasing: [pixels, () => image.randomErasing()],
  randomFlip: [pixels, () => image.randomFlip()],
  randomGrayscale: [pixels, () => image.randomGrayscale()],
  randomHue: [pixels, () => image.randomHue({ factor: 0.1 })],
  randomInvert: [pixels, () => image.randomInvert()],
  randomPerspective: [pixels, () => image.randomPerspective()],
  randomPosterization: [pixels, () => image.randomPosterization({ factor: 4 })],
  randomRotation: [pixels, () => image.randomRotation({ factor: 0.1 })],
  randomSaturation: [pixels, () => image.randomSaturation({ factor: 0.1 })],
  randomSharpness: [pixels, () => image.randomSharpness({ factor: 0.1 })],
  randomShear: [pixels, () => image.randomShear({ xFactor: 0.1 })],
  randomTranslation: [pixels, () => image.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 })],
  randomZoom: [pixels, () => image.randomZoom({ heightFactor: 0.1 })],
  solarization: [pixels, () => image.solarization()],
};

/** Layers with a part that acts only in training, beside themselves without it. */
const partly: readonly (readonly [name: string, shape: readonly number[], make: Factory, without: Factory])[] = [
  ["lstm", steps, () => layers.lstm({ units: 2, dropout: 0.3, recurrentDropout: 0.3 }), () => layers.lstm({ units: 2 })],
  ["gru", steps, () => layers.gru({ units: 2, dropout: 0.3, recurrentDropout: 0.3 }), () => layers.gru({ units: 2 })],
  ["simpleRNN", steps, () => layers.simpleRNN({ units: 2, dropout: 0.3, recurrentDropout: 0.3 }), () => layers.simpleRNN({ units: 2 })],
  ["transformerEncoder", steps, () => layers.transformerEncoder({ intermediateDim: 4, numHeads: 1, dropout: 0.3 }), () => layers.transformerEncoder({ intermediateDim: 4, numHeads: 1 })],
  ["spectralNormalization", steps, () => layers.spectralNormalization({ layer: layers.dense({ units: 2 }) }), () => layers.dense({ units: 2 })],
  ["kernel regularizer and constraint", steps, () => layers.dense({ units: 2, kernelRegularizer: "l2", kernelConstraint: "nonNeg" }), () => layers.dense({ units: 2 })],
];

describe("a file carries nothing of training", () => {
  for (const [name, [shape, make]] of Object.entries(idle)) {
    it(`of ${name}`, async () => expect(await operators(shape, make())).toEqual(["Identity"]));
  }

  for (const [name, shape, make, without] of partly) {
    it(`of ${name}`, async () => expect(await operators(shape, make())).toEqual(await operators(shape, without())));
  }

  it("of transformerDecoder, where weights of blind rows depend on there being dropout", async () => {
    const found = await operators(steps, layers.transformerDecoder({ intermediateDim: 4, numHeads: 1, dropout: 0.3 }));
    const without = await operators(steps, layers.transformerDecoder({ intermediateDim: 4, numHeads: 1 }));
    expect(new Set(found)).toEqual(new Set(without));
    expect(found.length).toBeLessThanOrEqual(without.length + 1);
  });

  it("of batchNormalization, which is a scale and a shift", async () => {
    const found = await operators(steps, layers.batchNormalization());
    for (const type of found) expect(type).not.toMatch(/Reduce|BatchNormalization|Random|Where/);
  });

  it("all layers that act in training alone are among these", () => {
    const named = [...Object.keys(layers), ...Object.keys(image)].filter((name) => /dropout|noise|^random|mix|activityReg/i.test(name));
    expect(named.filter((name) => !(name in idle))).toEqual(["randomCrop"]);
    expect(named.length).toBeGreaterThan(25);
  });

  it("of randomCrop, which takes the middle", async () => {
    const found = await operators(pixels, image.randomCrop({ height: 4, width: 4 }));
    for (const type of found) expect(type).toMatch(/^(Cast|Concat|Gather|Identity|MatMul|Reshape|Resize|Shape|Slice|Transpose)$/);
  });
});
