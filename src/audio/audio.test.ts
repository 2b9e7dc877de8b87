import { describe, expect, it } from "vitest";
import { input } from "../layers/core/input.js";
import { layerFromKeras } from "../models/interop/kerasLayers.js";
import { Model } from "../models/model.js";
import { sequential } from "../models/sequential.js";
import { dataTensor } from "../tensor/convert.js";
import { callOf, expectClose, floats, mistake, modelOf } from "../testing/layerProbe.js";
import { outputOf, readCases } from "../testing/kerasCase.js";
import { layerTest } from "../testing/layerTest.js";
import { melWeights } from "./melScale.js";
import { melSpectrogram } from "./melSpectrogram.js";
import { stftSpectrogram, type SpectrogramMode } from "./stftSpectrogram.js";

// Logarithms and roots bend too much near 0 for differences; conformance/layers.json has the gradients of "log".
layerTest((extra) => stftSpectrogram({ mode: "psd", frameLength: 6, fftLength: 8, ...extra }), [{ shape: [14, 2] }], {
  output: [3, 10],
  weights: { real_kernel: [6, 1, 5], imag_kernel: [6, 1, 5] },
  refused: [[[14]]],
});
layerTest((extra) => stftSpectrogram({ mode: "real", frameLength: 4, padding: "same", expandDims: true, ...extra }), [{ shape: [9, 2] }], {
  title: "STFTSpectrogram as an image",
  output: [5, 3, 2],
  weights: { real_kernel: [4, 1, 3] },
  refused: [[[9, 2, 1]]],
});
layerTest((extra) => melSpectrogram({ fftLength: 8, sequenceStride: 4, samplingRate: 100, numMelBins: 3, magExp: 1, powerToDb: false, ...extra }), [{ shape: [12] }], {
  output: [3, 4],
  refused: [[[12, 1]], [[3]]],
});

const MODES: readonly SpectrogramMode[] = ["log", "magnitude", "psd", "real", "imag", "angle", "stft"];

describe("STFTSpectrogram", () => {
  it.each(MODES)("gives its shape in every order of axes: %s", (mode) => {
    const bins = mode === "stft" ? 10 : 5;
    const shapeOf = (options: object, sample: readonly number[]) => stftSpectrogram({ mode, frameLength: 8, ...options })(input(sample)).shape;
    expect(shapeOf({}, [20, 3])).toEqual(["batch", 4, 3 * bins]);
    expect(shapeOf({ expandDims: true }, [20, 3])).toEqual(["batch", 4, bins, 3]);
    expect(shapeOf({ dataFormat: "channelsFirst" }, [3, 20])).toEqual(["batch", 3 * bins, 4]);
    expect(shapeOf({ dataFormat: "channelsFirst", expandDims: true }, [3, 20])).toEqual(["batch", 3, 4, bins]);
  });

  it("finds the frequency of a tone", async () => {
    const tone = Float32Array.from({ length: 64 }, (_, n) => Math.cos((2 * Math.PI * 5 * n) / 32));
    const model = sequential([input([64, 1]), stftSpectrogram({ mode: "psd", frameLength: 32, window: null, scaling: null })]);
    const power = (await (await model.predict({ data: tone, shape: [1, 64, 1] })).toArray()) as number[][][];
    // 32 samples of a whole number of waves: |X₅|² = 16², twice for both halves of the spectrum, and 0 elsewhere.
    for (const frame of power[0]!) expectClose(frame, frame.map((_, k) => (k === 5 ? 512 : 0)), 1e-3);
  });

  it("may be given a window's values", async () => {
    const x = input([16, 1]);
    const own = [0, 0.75, 0.75, 0];
    const outputs = [own, "hann" as const].map((window) => stftSpectrogram({ frameLength: 4, window })(x));
    const [a, b] = await new Model({ inputs: x, outputs }).predictAll(dataTensor(floats(16, 1), "float32", [1, 16, 1]));
    expectClose((await a!.data()) as Float32Array, (await b!.data()) as Float32Array, 1e-6);
  });
});

describe("MelSpectrogram", () => {
  it("has triangles that add up to 1 between the first centre and the last", () => {
    const bins = 65;
    const weights = melWeights({ bands: 6, bins, samplingRate: 1000, minFreq: 20, maxFreq: 400 });
    const totals = Array.from({ length: bins }, (_, bin) => [0, 1, 2, 3, 4, 5].reduce((sum, band) => sum + weights[band * bins + bin]!, 0));
    const hertz = (bin: number): number => (bin * 500) / (bins - 1);
    // The centres lie at 1/7 and 6/7 of the way on the mel scale: about 62 and 324 Hz.
    totals.forEach((total, bin) => {
      if (hertz(bin) > 63 && hertz(bin) < 323) expect(total).toBeCloseTo(1, 6);
      if (hertz(bin) < 20 || hertz(bin) > 400) expect(total).toBe(0);
    });
  });

  it("takes one signal without a batch axis", async () => {
    const bands = melSpectrogram({ fftLength: 16, sequenceStride: 8, samplingRate: 100, numMelBins: 4 });
    const [alone, batch] = [[64], [1, 64]].map((shape) => callOf(bands, 1, false)(dataTensor(floats(64, 2), "float32", shape)));
    expect([alone!.shape, batch!.shape]).toEqual([[4, 9], [1, 4, 9]]);
    expect(await alone!.data()).toEqual(await batch!.data());
  });

  it("never falls more than topDb below the loudest value, nor below minPower", async () => {
    const quiet = new Float32Array(64);
    const loud = floats(64, 2);
    const model = modelOf(melSpectrogram({ fftLength: 16, sequenceStride: 8, samplingRate: 100, numMelBins: 4, topDb: 30 }), [{ shape: [64] }]);
    const data = (await (await model.predict({ data: Float32Array.from([...quiet, ...loud]), shape: [2, 64] })).data()) as Float32Array;
    const loudest = Math.max(...data);
    expectClose(data.slice(0, data.length / 2), data.slice(0, data.length / 2).map(() => loudest - 30), 1e-5);
    const alone = (await (await model.predict({ data: quiet, shape: [1, 64] })).data()) as Float32Array;
    expectClose(alone, alone.map(() => -100), 1e-5);
  });
});

describe("audio layers", () => {
  it.each([
    [() => stftSpectrogram({ mode: "power" as never }), "mode"],
    [() => stftSpectrogram({ frameLength: 8, frameStep: 9 }), "frameStep"],
    [() => stftSpectrogram({ frameLength: 8, fftLength: 7 }), "fftLength"],
    [() => stftSpectrogram({ frameLength: 8, window: [1, 1] }), "window"],
    [() => stftSpectrogram({ window: "kaiser" as never }), "window"],
    [() => stftSpectrogram({ scaling: "none" as never }), "scaling"],
    [() => melSpectrogram({ window: "boxcar" as never }), "window"],
    [() => melSpectrogram({ fftLength: 8, sequenceLength: 9 }), "fftLength"],
    [() => melSpectrogram({ minFreq: 5000, maxFreq: 4000 }), "minFreq"],
    [() => melSpectrogram({ minPower: 0 }), "minPower"],
  ])("refuse a wrong option", (make, option) => {
    expect(mistake(make).where).toMatch(new RegExp(`, option ${option}$`));
  });
});

// Sums of up to 32 products in float32, of which logarithms and angles are taken.
describe("spectrograms as Keras on TensorFlow computes them", () => {
  it.each(readCases(new URL("./keras.fixtures.json", import.meta.url)))("$name", async (test) => {
    const output = outputOf(test);
    expect(output.shape).toEqual(test.output.shape);
    expectClose((await output.data()) as Float32Array, test.output.data, 2e-5);
  });

  it.each(readCases(new URL("./keras.fixtures.json", import.meta.url)).filter(({ weights }) => weights.length > 0))("starts with the weights of $name", async (test) => {
    const layer = layerFromKeras(test.layer);
    const model = modelOf(layer, [{ shape: test.input.shape.slice(1) }]);
    model.initialize(1);
    expect(layer.variables.map(({ shape }) => shape)).toEqual(test.weights.map(({ shape }) => shape));
    for (const [i, variable] of layer.variables.entries()) expectClose((await variable.read()) as Float32Array, test.weights[i]!.data, 1e-5);
  });
});
