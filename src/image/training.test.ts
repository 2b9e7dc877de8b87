import { describe, expect, it } from "vitest";
import * as layers from "../layers/index.js";
import type { Layer } from "../layers/layer.js";
import { stftSpectrogram } from "../audio/index.js";
import { fromArrays } from "../data/index.js";
import { Model } from "../models/model.js";
import { fromBytes } from "../models/load.js";
import { sequential } from "../models/sequential.js";
import { keyOf, uniforms } from "../random/index.js";
import { dataTensor } from "../tensor/convert.js";
import "../testing/engine.js";
import { mistake } from "../testing/layerProbe.js";
import * as image from "./index.js";


const SIZE = 8;
const ROWS = 96;

/** Bright bars, lying (0) or standing (1), at any place, under noise. */
function bars(seed: number) {
  const noise = uniforms(keyOf(seed), ROWS * (SIZE * SIZE + 1));
  const x = new Float32Array(ROWS * SIZE * SIZE);
  const y = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
  for (let row = 0; row < ROWS; row++) {
    const place = 1 + Math.floor(noise[ROWS * SIZE * SIZE + row]! * (SIZE - 2));
    for (let i = 0; i < SIZE * SIZE; i++) {
      const along = y[row] === 0 ? Math.floor(i / SIZE) : i % SIZE;
      x[row * SIZE * SIZE + i] = 0.4 * noise[row * SIZE * SIZE + i]! + (along === place ? 0.6 : 0);
    }
  }
  return { x: { data: x, shape: [ROWS, SIZE, SIZE, 1] }, y };
}

const all = () => [
  image.randomFlip(),
  image.randomRotation({ factor: 0.03 }),
  image.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: "nearest" }),
  image.randomZoom({ heightFactor: 0.1 }),
  image.randomContrast({ factor: 0.2, valueRange: [0, 1] }),
  image.randomBrightness({ factor: 0.1, valueRange: [0, 1] }),
  image.randomErasing({ factor: [0.2, 0.2], scale: [0.02, 0.1], valueRange: [0, 1] }),
];

const convnet = (front: readonly Layer[]) =>
  sequential([
    layers.input([SIZE, SIZE, 1]),
    ...front,
    layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
    layers.globalMaxPooling2d(),
    layers.dense({ units: 2, activation: "softmax" }),
  ]);

describe("a convnet behind augmentation", () => {
  it("learns, by seed alone, and is left alone in use", async () => {
    const results = [];
    for (let run = 0; run < 2; run++) {
      const model = convnet(all()).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
      const history = await model.fit(bars(1), { epochs: 40, batchSize: 32, seed: 3, verbose: "silent" });
      const { accuracy } = await model.evaluate(bars(2));
      // Guessing gives 0.5 ± 0.05.
      expect(accuracy).toBeGreaterThan(0.9);
      const first = await (await model.predict(bars(2).x)).data();
      expect(await (await model.predict(bars(2).x)).data()).toEqual(first);
      results.push(history.logs["loss"]!);
    }
    expect(results[1]).toEqual(results[0]);
  });
});

describe("files", () => {
  const everything = () => {
    const colors = layers.input([SIZE, SIZE, 3]);
    const labels = layers.input([4]);
    const front = [
      ...all(),
      image.randomCrop({ height: 6, width: 7 }),
      image.randomHue({ factor: 0.1, valueRange: [0, 1] }),
      image.randomSaturation({ factor: [0.4, 0.6], valueRange: [0, 1] }),
      image.randomColorJitter({ hueFactor: [0, 0.2], brightnessFactor: 0.1, valueRange: [0, 1] }),
      image.randomColorDegeneration({ factor: 0.1, valueRange: [0, 1] }),
      image.randomGrayscale(),
      image.randomInvert(),
      image.randomPerspective({ factor: [0.5, 0.5] }),
      image.randomPosterization({ factor: [3, 6] }),
      image.randomSharpness({ factor: 0.4, valueRange: [0, 1] }),
      image.randomShear({ xFactor: [0.1, 0.2], yFactor: 0.1 }),
      image.solarization({ thresholdFactor: [0.8, 0.9] }),
      image.autoContrast({ valueRange: [0, 1] }),
      image.mixUp({ alpha: 0.4 }),
    ];
    const varied = front.reduce((x, layer) => layer(x), colors);
    const [pasted, shares] = image.cutMix({ factor: [0.5, 1] })([varied, labels]);
    return new Model({ inputs: [colors, labels], outputs: [layers.flatten()(pasted), shares] });
  };
  const data = { data: uniforms(keyOf(5), 2 * SIZE * SIZE * 3), shape: [2, SIZE, SIZE, 3] };

  it.each(["nacre", "keras"] as const)("hold all layers: .%s", async (format) => {
    const model = everything();
    const loaded = await fromBytes(await model.toBytes({ format }));
    const configs = (m: Model) => m.layers.map(({ className, config }) => [className, config]);
    expect(configs(loaded)).toEqual(configs(model));
    const both = await Promise.all(
      [model, loaded].map(async (m) => {
        const names = m.inputNames;
        const outputs = await m.predictAll({ [names[0]!]: data, [names[1]!]: { data: new Float32Array(8), shape: [2, 4] } });
        return Promise.all(outputs.map((output) => output.data()));
      }),
    );
    expect(both[1]).toEqual(both[0]);
  });

  it.each(["nacre", "keras"] as const)("hold the audio layers: .%s", async (format) => {
    const model = sequential([layers.input([64, 2]), stftSpectrogram({ frameLength: 16, window: "blackman", expandDims: true })]);
    const loaded = await fromBytes(await model.toBytes({ format }));
    const x = { data: uniforms(keyOf(6), 256), shape: [2, 64, 2] };
    expect(await (await loaded.predict(x)).data()).toEqual(await (await model.predict(x)).data());
  });
});

describe("augment", () => {
  const dataset = () => {
    const { x, y } = bars(1);
    return fromArrays({ inputs: x, labels: y });
  };
  const first = async (set: ReturnType<typeof dataset>, epoch = 0) => {
    for await (const batch of set.batches({ batchSize: 8, epoch })) return batch;
    throw new Error("no batch");
  };

  it("gives the same images for seed and epoch, others for other ones, each its own draw", async () => {
    const layer = image.randomTranslation({ heightFactor: 0.3, widthFactor: 0.3 });
    const [input] = dataset().inputs as [string];
    const pixels = async (seed: number, epoch: number) => (await first(image.augment(dataset(), layer, { seed }), epoch))[input]!.data;
    const data = await pixels(1, 0);
    expect(await pixels(1, 0)).toEqual(data);
    expect(await pixels(1, 1)).not.toEqual(data);
    expect(await pixels(2, 0)).not.toEqual(data);
    expect((await first(image.augment(dataset(), layer)))[dataset().labels[0]!]!.data).toEqual((await first(dataset()))[dataset().labels[0]!]!.data);
  });

  it("blends labels in the shares of their images", async () => {
    const rows = 64;
    // Image and label are the same numbers, so that they must be blended alike.
    const shares = dataTensor(Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? i / 2 / rows : 1 - (i - 1) / 2 / rows)), "float32", [rows, 2]);
    const values = (await shares.data()) as Float32Array;
    const set = fromArrays({ inputs: { data: values, shape: [rows, 1, 1, 2] }, labels: { data: values, shape: [rows, 2] } });
    const batch = await first(image.augment(set.batch(64), image.mixUp({ alpha: 1 })));
    expect(batch[set.labels[0]!]!.data).toEqual(batch[set.inputs[0]!]!.data);
    expect(batch[set.labels[0]!]!.data).not.toEqual(values.slice(0, 16));
  });

  it("makes class numbers shares, of which a model learns", async () => {
    const mixed = image.augment(dataset(), [image.randomFlip(), image.cutMix()], { classes: 2, seed: 4 });
    const batch = await first(mixed);
    const shares = batch[mixed.labels[0]!]!;
    expect(shares.shape).toEqual([8, 2]);
    for (let row = 0; row < 8; row++) expect(shares.data[2 * row]! as number + (shares.data[2 * row + 1] as number)).toBeCloseTo(1, 5);
    const model = convnet([]).compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
    await model.fit(mixed, { epochs: 40, batchSize: 32, seed: 3, verbose: "silent" });
    const { x, y } = bars(2);
    const shown = (await (await model.predict(x)).toArray()) as number[][];
    // Guessing gives 48 ± 5 of 96.
    expect(shown.filter(([lying, standing], i) => (lying! < standing! ? 1 : 0) === y[i]).length).toBeGreaterThan(80);
  });

  it("declares new sizes and dtypes", async () => {
    const set = fromArrays({ inputs: { data: new Uint8Array(2 * 16), shape: [2, 4, 4, 1] }, labels: Int32Array.of(0, 1) });
    const cropped = image.augment(set, image.randomCrop({ height: 3, width: 2 }));
    expect(cropped.columns[cropped.inputs[0]!]).toMatchObject({ dtype: "float32", shape: [3, 2, 1] });
    expect((await first(cropped))[cropped.inputs[0]!]!.shape).toEqual([2, 3, 2, 1]);
  });

  it("refuses labels that cannot be blended, and names that are not there", async () => {
    await expect(first(image.augment(dataset(), image.mixUp()))).rejects.toMatchObject({ code: "SHAPE_MISMATCH", fix: expect.stringContaining("classes") });
    await expect(first(image.augment(dataset(), image.mixUp(), { classes: 1 }))).rejects.toMatchObject({ code: "BAD_DATA" });
    expect(mistake(() => image.augment(dataset(), image.mixUp(), { images: "pixels" })).where).toBe("augment, option images");
    expect(mistake(() => image.augment(dataset(), image.mixUp(), { classses: 2 } as never)).code).toBe("UNKNOWN_NAME");
  });
});
