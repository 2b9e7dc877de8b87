import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { sequential } from "../../models/sequential.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { centerCrop } from "./centerCrop.js";
import { resizing } from "./resizing.js";
import { upSampling1d, upSampling2d, upSampling3d } from "./upSampling.js";

// ONNX Runtime repeats elements by its Resize, which it has in float32 only.
const differences = "float32";

layerTest((extra) => upSampling1d({ size: 3, ...extra }), [{ shape: [2, 3] }], { output: [6, 3], refused: [[[2]]], differences });
layerTest((extra) => upSampling2d({ size: [2, 1], interpolation: "bilinear", ...extra }), [{ shape: [2, 3, 2] }], { output: [4, 3, 2], refused: [[[2, 3]]] });
layerTest((extra) => upSampling3d({ dataFormat: "channelsFirst", ...extra }), [{ shape: [1, 1, 2, 2] }], { output: [1, 2, 4, 4], refused: [[[1, 1, 2]]], differences });
layerTest((extra) => resizing({ height: 3, width: 2, interpolation: "bicubic", ...extra }), [{ shape: [4, 3, 1] }], { output: [3, 2, 1], refused: [[[4, 3]]] });
layerTest((extra) => resizing({ height: 2, width: 2, padToAspectRatio: true, dataFormat: "channelsFirst", ...extra }), [{ shape: [2, 2, 4] }], {
  title: "Resizing with a border",
  output: [2, 2, 2],
  refused: [[[4, 2]]],
});
layerTest((extra) => centerCrop({ height: 2, width: 3, ...extra }), [{ shape: [4, 4, 1] }], { output: [2, 3, 1], refused: [[[4, 4]]] });
layerTest((extra) => centerCrop({ height: 2, width: 4, dataFormat: "channelsFirst", ...extra }), [{ shape: [1, 4, 2] }], {
  title: "CenterCrop of a small image",
  output: [1, 2, 4],
  refused: [[[4, 4]]],
});

/** 1, 2, 3, … in rows. */
function counting(height: number, width: number): Float32Array {
  return Float32Array.from({ length: height * width }, (_, i) => i + 1);
}

async function applied(layer: Layer, height: number, width: number): Promise<{ shape: readonly unknown[]; data: Float32Array }> {
  const model = sequential([input([height, width, 1]), layer]);
  const y = await model.predict({ data: counting(height, width), shape: [1, height, width, 1] });
  return { shape: y.shape.slice(1, 3), data: (await y.data()) as Float32Array };
}

/** Sums of a few products of numbers up to 25, in float32. */
const TOLERANCE = 1e-5;

describe("new sizes", () => {
  it.each([
    ["copies the nearest pixel", upSampling2d(), [1, 2], [2, 4], [1, 1, 2, 2, 1, 1, 2, 2]],
    ["interpolates between centres", upSampling2d({ size: [1, 2], interpolation: "bilinear" }), [1, 2], [1, 4], [1, 1.25, 1.75, 2]],
    ["averages pairs", resizing({ height: 1, width: 2 }), [2, 4], [1, 2], [3.5, 5.5]],
    // Columns 1 to 2 of 4 have the proportions of one pixel.
    ["crops to the proportions", resizing({ height: 1, width: 1, cropToAspectRatio: true }), [2, 4], [1, 1], [4.5]],
    // A row of 10 above and below 2 rows of 4: the mean of rows 0 and 1, of columns 0 and 1.
    ["pads to the proportions", resizing({ height: 2, width: 2, padToAspectRatio: true, fillValue: 10 }), [2, 4], [2, 2], [5.75, 6.75, 7.75, 8.75]],
    // Without antialias only the middle counts.
    ["takes the middle", resizing({ height: 1, width: 1, interpolation: "bilinear" }), [1, 5], [1, 1], [3]],
    ["takes the middle part", centerCrop({ height: 2, width: 2 }), [4, 5], [2, 2], [7, 8, 12, 13]],
    ["enlarges what is too small", centerCrop({ height: 2, width: 2 }), [1, 3], [2, 2], [2, 2, 2, 2]],
  ])("%s", async (_what, layer, [height, width], shape, wanted) => {
    const result = await applied(layer, height!, width!);
    expect(result.shape).toEqual(shape);
    expectClose(result.data, wanted, TOLERANCE);
  });

  it("lets all pixels count with antialias", async () => {
    const model = sequential([input([1, 4, 1]), resizing({ height: 1, width: 1, antialias: true })]);
    const weight = async (i: number): Promise<number> =>
      Number((await (await model.predict({ data: Float32Array.from([0, 0, 0, 0], (_, j) => (i === j ? 1 : 0)), shape: [1, 1, 4, 1] })).data())[0]);
    const weights = await Promise.all([0, 1, 2, 3].map(weight));
    // A triangle of radius 4 around 1.5: distances 1.5, 0.5, 0.5, 1.5 give 5, 7, 7, 5 of 24.
    expectClose(weights, [5 / 24, 7 / 24, 7 / 24, 5 / 24], TOLERANCE);
  });

  // Keras 3.15 on TensorFlow, from six pixels.
  it.each([
    ["bicubic", 4, [1.1459853649139404, 3.3359375, 5.859375, 3.2408761978149414]],
    ["bicubic", 7, [0.9678782820701599, 1.6896696090698242, 3.096529483795166, 6.8125, 4.39537239074707, -2.270151376724243, 5.256974220275879]],
    ["lanczos3", 4, [1.1075695753097534, 2.910043716430664, 5.557277679443359, 2.843060255050659]],
    ["lanczos3", 7, [0.9852603077888489, 1.7133612632751465, 2.6456289291381836, 7.619565010070801, 4.085273742675781, -2.3826098442077637, 5.487835884094238]],
    ["lanczos5", 4, [1.3468244075775146, 2.505356788635254, 5.469419002532959, 2.638049840927124]],
    ["lanczos5", 7, [0.9171367883682251, 2.0045154094696045, 2.1106228828430176, 7.791752815246582, 3.938706398010254, -2.387134075164795, 5.59680700302124]],
  ] as const)("interpolates by %s to %i pixels as Keras", async (interpolation, width, wanted) => {
    const model = sequential([input([1, 6, 1]), resizing({ height: 1, width, interpolation })]);
    const data = (await (await model.predict({ data: Float32Array.of(1, 2, 4, 8, -3, 5), shape: [1, 1, 6, 1] })).data()) as Float32Array;
    // Keras computes its weights in float32.
    expectClose(data, wanted, 1e-5);
  });

  it("keeps whole numbers whole: rounded, and within what their dtype holds", async () => {
    const x = input([1, 3, 1], { dtype: "uint8" });
    const outputs = [resizing({ height: 1, width: 2 })(x), resizing({ height: 1, width: 6, interpolation: "bicubic" })(x)];
    const model = new Model({ inputs: x, outputs });
    const [half, wide] = await model.predictAll({ data: Uint8Array.of(200, 255, 0), shape: [1, 1, 3, 1] });
    expect(half!.dtype).toBe("uint8");
    // At 0.25 and 1.75: 200 · 0.75 + 255 · 0.25 = 213.75 and 255 · 0.25 = 63.75.
    expect(await half!.data()).toEqual(Uint8Array.of(214, 64));
    // The curve rises to about 260 and falls to about -20.
    const curve = Array.from((await wide!.data()) as Uint8Array);
    expect([curve[2], curve[5]]).toEqual([255, 0]);
  });

  it.each([
    [() => resizing({ height: 0, width: 1 }), "height"],
    [() => resizing({ height: 1, width: 1, interpolation: "area" as never }), "interpolation"],
    [() => resizing({ height: 1, width: 1, cropToAspectRatio: true, padToAspectRatio: true }), "padToAspectRatio"],
    [() => centerCrop({ height: 1, width: 0.5 }), "width"],
    [() => upSampling2d({ size: 0 }), "size"],
    [() => upSampling1d({ interpolation: "cubic" as never }), "interpolation"],
  ])("refuses a wrong option", (make, option) => {
    expect(mistake(make).where).toMatch(new RegExp(`, option ${option}$`));
  });
});
