import { describe, expect, it } from "vitest";
import { mistake } from "../testing/layerProbe.js";
import { layerTest } from "../testing/layerTest.js";
import * as image from "./index.js";

/** Wide enough that no input in (−1, 1) is cut off. */
const valueRange = [-50, 50] as const;
/** Images vary while training, so that one batch is not learnt exactly; without training the error is about 0.3. */
const overfit = 0.1;
/** For layers that change images so much that a model learns others than it is judged by: any finite error. */
const finite = { overfit: 1e5 };
const moved = { output: [4, 5, 2], refused: [[[4, 5]]], trainingDiffers: true, overfit };
const colored = { output: [3, 2, 3], refused: [[[3, 2]]], trainingDiffers: true, overfit };
// Places in images, and so the shares of pixels, are float32.
const differences = "none";
const shape = [{ shape: [4, 5, 2] }];
const color = [{ shape: [3, 2, 3] }];

layerTest((extra) => image.randomFlip(extra), shape, moved);
layerTest((extra) => image.randomRotation({ factor: [0.02, 0.05], ...extra }), shape, { ...moved, differences });
layerTest((extra) => image.randomZoom({ heightFactor: 0.2, dataFormat: "channelsFirst", ...extra }), [{ shape: [1, 4, 5] }], { ...moved, output: [1, 4, 5], differences });
layerTest((extra) => image.randomTranslation({ heightFactor: 0.2, widthFactor: 0.1, fillMode: "constant", ...extra }), shape, { ...moved, differences });
layerTest((extra) => image.randomShear({ xFactor: 0.2, fillMode: "wrap", ...extra }), shape, { ...moved, differences });
layerTest((extra) => image.randomPerspective({ factor: [1, 1], scale: 0.2, ...extra }), shape, { ...moved, differences });
layerTest((extra) => image.randomCrop({ height: 2, width: 3, ...extra }), shape, { ...moved, output: [2, 3, 2], ...finite });
layerTest((extra) => image.randomContrast({ factor: [0.1, 0.5], valueRange, ...extra }), shape, moved);
layerTest((extra) => image.randomBrightness({ factor: 0.005, valueRange, ...extra }), shape, moved);
layerTest((extra) => image.randomErasing({ factor: [1, 1], fillValue: 0.5, scale: [0.3, 0.6], valueRange, ...extra }), shape, { ...moved, ...finite });
layerTest((extra) => image.randomSharpness({ factor: [0.3, 0.7], valueRange, ...extra }), shape, moved);
layerTest((extra) => image.randomInvert({ factor: [0.6, 0.6], valueRange, ...extra }), shape, { ...moved, ...finite });
layerTest((extra) => image.randomGrayscale({ factor: 0.7, ...extra }), color, colored);
layerTest((extra) => image.randomColorDegeneration({ factor: 0.4, valueRange, ...extra }), color, colored);
// Colours are thirds of a circle, joined by corners; inputs lie on both sides of 0.
layerTest((extra) => image.randomHue({ factor: [0.1, 0.3], valueRange: [-1, 1], ...extra }), color, { ...colored, ...finite });
layerTest((extra) => image.randomSaturation({ factor: [0.3, 0.6], valueRange: [0, 1], ...extra }), color, { ...colored, ...finite });
layerTest((extra) => image.randomColorJitter({ brightnessFactor: 0.1, contrastFactor: 0.1, valueRange: [-1, 1], ...extra }), color, { ...colored, ...finite });
layerTest((extra) => image.solarization({ thresholdFactor: 0.5, valueRange: [-1, 1], ...extra }), color, { ...colored, ...finite });
layerTest((extra) => image.autoContrast({ valueRange: [0, 1], ...extra }), color, { output: [3, 2, 3], refused: [[[3, 2]]] });
layerTest((extra) => image.mixUp(extra), shape, { ...moved, ...finite });
layerTest((extra) => image.cutMix(extra), shape, { ...moved, ...finite });

describe("image layers", () => {
  it.each([
    [() => image.randomFlip({ mode: "diagonal" as never }), "mode"],
    [() => image.randomRotation({ factor: 1.5 }), "factor"],
    [() => image.randomRotation({} as never), "factor"],
    [() => image.randomRotation({ factor: 0.1, fillMode: "mirror" as never }), "fillMode"],
    [() => image.randomRotation({ factor: 0.1, interpolation: "bicubic" as never }), "interpolation"],
    [() => image.randomZoom({ heightFactor: -1 }), "heightFactor"],
    [() => image.randomZoom({ heightFactor: 0.1, widthFactor: [0, 2] }), "widthFactor"],
    [() => image.randomTranslation({ heightFactor: 0, widthFactor: Number.NaN }), "widthFactor"],
    [() => image.randomCrop({ height: 0, width: 1 }), "height"],
    [() => image.randomContrast({ factor: -0.1 }), "factor"],
    [() => image.randomBrightness({ factor: 0.1, valueRange: [1, 1] }), "valueRange"],
    [() => image.randomErasing({ fillValue: [1, 2] as never }), "fillValue"],
    [() => image.randomErasing({ scale: [0, 2] }), "scale"],
    [() => image.randomPosterization({ factor: 2.5 }), "factor"],
    [() => image.randomColorJitter({ hueFactor: 2 }), "factor"],
    [() => image.mixUp({ alpha: 0 }), "alpha"],
    [() => image.cutMix({ factor: 2 }), "factor"],
    [() => image.randomHue({ factor: 0.1, dataFormat: "NHWC" as never }), "dataFormat"],
  ])("refuse a wrong option", (make, option) => {
    expect(mistake(make).where).toMatch(new RegExp(`, option ${option}$`));
  });
});
