import { describe, expect, it } from "vitest";
import type { Layer, TraceContext } from "../layers/layer.js";
import { keyOf, foldIn } from "../random/index.js";
import { dataTensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import { chiSquareZ, correlation, meanOf, varianceOf } from "../testing/statistics.js";
import { symmetricBeta } from "./beta.js";
import { Draws } from "./draws.js";
import * as image from "./index.js";

/** Images in a batch: each gives one draw of what is measured. */
const DRAWS = 2 ** 17;
/**
 * Bound on |z| of every statistic: a true source passes one with probability 1 − 2e-9, and about 60
 * are taken. Seeds are fixed, so a failure means that something was changed.
 */
const Z = 6;

function traceOf(seed: number, training = true): TraceContext {
  let uses = 0;
  return {
    training,
    valueOf: () => expect.fail("no weights"),
    key: () => dataTensor(Uint32Array.from(foldIn(keyOf(seed), uses++)), "uint32", [2]),
    update: () => {},
    addLoss: () => {},
  };
}

async function run(layer: Layer, x: Tensor, seed = 1, training = true): Promise<Float32Array> {
  return (await layer.call(traceOf(seed, training), [{ value: x }])[0]!.value.data()) as Float32Array;
}

/** The same image, over and over. */
function copies(pixels: readonly number[], shape: readonly [height: number, width: number, channels: number], count = DRAWS): Tensor {
  const data = new Float32Array(count * pixels.length);
  for (let i = 0; i < count; i++) data.set(pixels, i * pixels.length);
  return dataTensor(data, "float32", [count, ...shape]);
}

/** Every `size`-th number from `first` on: one of each image. */
const each = (data: Float32Array, size: number, first = 0): Float32Array => data.filter((_, i) => i % size === first);

function expectShare(hits: ArrayLike<number>, share: number): void {
  expect(Math.abs(meanOf(hits) - share) * Math.sqrt(hits.length / (share * (1 - share)))).toBeLessThan(Z);
}

/** Uniform in [low, high], by mean and variance, and neither like its neighbours nor like other steps. */
async function expectUniform(draw: (seed: number) => Promise<Float32Array>, low: number, high: number): Promise<void> {
  const [x, other] = [await draw(1), await draw(2)];
  const breadth = high - low;
  // Ends may round by 1e-6 of the breadth or so.
  expect(x.every((v) => v >= low - 1e-4 * breadth && v <= high + 1e-4 * breadth)).toBe(true);
  expect((Math.abs(meanOf(x) - (low + high) / 2) / breadth) * Math.sqrt(12 * DRAWS)).toBeLessThan(Z);
  expect(Math.abs(varianceOf(x) / breadth ** 2 - 1 / 12) * Math.sqrt(180 * DRAWS)).toBeLessThan(Z);
  for (const y of [x.subarray(1), other]) {
    expect(Math.abs(correlation(y, x.subarray(0, y.length))) * Math.sqrt(y.length)).toBeLessThan(Z);
  }
}

describe("draws", () => {
  it.each(["horizontal", "vertical", "horizontalAndVertical"] as const)("flip every second image: %s", async (mode) => {
    const flipped = each(await run(image.randomFlip({ mode }), copies([0, 1, 1, 1], [2, 2, 1])), 4);
    expectShare(flipped, 0.5);
    expect(Math.abs(correlation(flipped.subarray(1), flipped.subarray(0, -1))) * Math.sqrt(DRAWS)).toBeLessThan(Z);
  });

  it("brightness is uniform", () =>
    expectUniform((seed) => run(image.randomBrightness({ factor: [-0.3, 0.1], valueRange: [-100, 100] }), copies([5], [1, 1, 1]), seed), -55, 25));

  it("contrast is uniform", () =>
    expectUniform(async (seed) => each(await run(image.randomContrast({ factor: [0.2, 0.8], valueRange: [-9, 9] }), copies([-1, 1], [1, 2, 1]), seed), 2, 1), 0.8, 1.8));

  // The middle of the upper row of a ramp moves by half of a row and a column.
  it("translations are uniform in both directions, each on its own", async () => {
    const ramp = copies([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33], [4, 4, 1]);
    const shift = (heightFactor: number, widthFactor: number) => async (seed: number) =>
      each(await run(image.randomTranslation({ heightFactor, widthFactor }), ramp, seed), 16, 5).map((v) => 11 - v);
    await expectUniform(shift(0, 0.25), -1, 1);
    await expectUniform(shift(0.25, 0), -10, 10);
    const both = await shift(0.25, 0.25)(1);
    // 10·d + r with d and r uniform in [−1, 1] has the variance (100 + 1) / 3, and less or more were they alike.
    expect(Math.abs(varianceOf(both) / (101 / 3) - 1)).toBeLessThan(0.02);
  });

  it("zooms are uniform", () =>
    expectUniform(async (seed) => each(await run(image.randomZoom({ heightFactor: 0, widthFactor: [-0.4, -0.2] }), copies([0, 1, 2, 3, 4], [1, 5, 1]), seed), 5, 4), 2 + 2 * 0.6, 2 + 2 * 0.8));

  it("rotations are uniform", () =>
    expectUniform(async (seed) => {
      // On a plane the pixel right of the middle shows the sine of the angle, times 1.
      const plane = copies([-1, -1, -1, 0, 0, 0, 1, 1, 1], [3, 3, 1]);
      return each(await run(image.randomRotation({ factor: 0.2 }), plane, seed), 9, 5).map((sine) => Math.asin(Math.max(-1, Math.min(1, sine))) / (2 * Math.PI));
    }, -0.2, 0.2));

  it("parts lie anywhere", async () => {
    const counting = Array.from({ length: 35 }, (_, i) => i);
    const places = await run(image.randomCrop({ height: 2, width: 3 }), copies(counting, [5, 7, 1]));
    const corners = Array.from(each(places, 6), (v) => Math.floor(v / 7) * 5 + (v % 7));
    expect(Math.abs(chiSquareZ(corners, 20))).toBeLessThan(Z);
    expect(each(places, 6, 5).every((v, i) => v === places[6 * i]! + 9)).toBe(true);
  });

  it.each([
    ["a range from 0", 1 as const, 0.5],
    ["a range", [0.2, 0.4] as const, 0.3],
    ["one number", [0.9, 0.9] as const, 0.9],
  ])("parts are erased, and images inverted, with the probability of %s", async (_what, factor, share) => {
    expectShare(await run(image.randomErasing({ factor, scale: [1, 1], fillValue: 1 }), copies([0], [1, 1, 1])), share);
    expectShare(await run(image.randomInvert({ factor, valueRange: [0, 1] }), copies([0], [1, 1, 1])), share);
  });

  it("greys with a probability, and without", async () => {
    expectShare((await run(image.randomGrayscale({ factor: 0.25 }), copies([1, 0, 0], [1, 1, 3]))).filter((_, i) => i % 3 === 1).map((v) => (v > 0 ? 1 : 0)), 0.25);
    expect(meanOf(await run(image.randomGrayscale({ factor: 0 }), copies([1, 0, 0], [1, 1, 3], 100)))).toBeCloseTo(1 / 3, 6);
  });

  it("erased parts have the areas of their squares' roots, and lie anywhere", async () => {
    const size = 20;
    const count = DRAWS / 8;
    const erased = await run(image.randomErasing({ factor: [1, 1], scale: [0.25, 0.25], fillValue: 1 }), copies(Array.from({ length: size * size }, () => 0), [size, size, 1], count));
    // Half of the height and of the width: 10 × 10 pixels, wherever it starts.
    const areas = Array.from({ length: count }, (_, i) => erased.subarray(i * size * size, (i + 1) * size * size).reduce((a, b) => a + b, 0));
    expect(areas.every((area) => area === 100)).toBe(true);
    // Row 0 is erased where the start is 0 exactly, or just below 1 pixel of 10: a part starts in (r − 1, r] with probability 1/10.
    const starts = areas.map((_, i) => Math.floor(erased.subarray(i * size * size, (i + 1) * size * size).indexOf(1) / size) - 1);
    expect(Math.abs(chiSquareZ(starts.map((start) => Math.max(0, start)), 10))).toBeLessThan(Z);
  });

  it("keeps 3, 4 or 5 bits equally often", async () => {
    const bits = await run(image.randomPosterization({ factor: [3, 6] }), copies([255], [1, 1, 1]));
    const kept = Array.from(bits, (value) => [224, 240, 248].indexOf(value));
    expect(kept).not.toContain(-1);
    const expected = DRAWS / 3;
    for (const value of [0, 1, 2]) {
      const count = kept.filter((k) => k === value).length;
      expect(Math.abs(count - expected) / Math.sqrt((expected * 2) / 3)).toBeLessThan(Z);
    }
  });

  it.each([0.2, 0.5, 1, 4])("shares have the moments of Beta(%d, %d)", async (alpha) => {
    const trace = traceOf(3);
    const draws = new Draws(() => trace.key(image.mixUp()), DRAWS);
    const x = ((await symmetricBeta(draws, alpha).data()) as Float32Array).map((v) => v - 0.5);
    expect(x.every((v) => v >= -0.5 && v <= 0.5)).toBe(true);
    const m2 = 1 / (4 * (2 * alpha + 1));
    const m4 = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
    const m8 = (105 / 256) / ((2 * alpha + 1) * (2 * alpha + 3) * (2 * alpha + 5) * (2 * alpha + 7));
    const n = Math.sqrt(DRAWS);
    expect((Math.abs(meanOf(x)) * n) / Math.sqrt(m2)).toBeLessThan(Z);
    expect((Math.abs(meanOf(x.map((v) => v ** 2)) - m2) * n) / Math.sqrt(m4 - m2 ** 2)).toBeLessThan(Z);
    expect((Math.abs(meanOf(x.map((v) => v ** 4)) - m4) * n) / Math.sqrt(m8 - m4 ** 2)).toBeLessThan(Z);
  });

  it("mixes each image with any other equally often", async () => {
    const size = 16;
    const partners: number[] = [];
    const ids = dataTensor(Float32Array.from({ length: size }, (_, i) => i), "float32", [size, 1, 1, 1]);
    const layer = image.cutMix({ factor: [0, 0] });
    // With a parameter of 0 a share is 0 or 1: an image is replaced as a whole in half of all cases.
    let replaced = 0;
    for (let seed = 0; seed < 600; seed++) {
      const found = await run(layer, ids, seed);
      found.forEach((id, i) => {
        if (id === i) return;
        replaced++;
        partners.push((id - i + size) % size);
      });
    }
    // Of 600 · 16 images half are replaced, a sixteenth of them by themselves.
    expect(Math.abs(replaced - 9600 * 0.5 * (15 / 16)) / Math.sqrt(9600 * 0.25)).toBeLessThan(Z);
    expect(Math.abs(chiSquareZ(partners.map((distance) => distance - 1), 15))).toBeLessThan(Z);
  });
});

describe("every layer", () => {
  const layers: readonly Layer[] = [
    image.randomFlip(),
    image.randomRotation({ factor: 0.2 }),
    image.randomZoom({ heightFactor: 0.3, widthFactor: 0.3 }),
    image.randomTranslation({ heightFactor: 0.3, widthFactor: 0.3 }),
    image.randomShear({ xFactor: 0.3 }),
    image.randomPerspective({ factor: [1, 1] }),
    image.randomContrast({ factor: 0.5 }),
    image.randomBrightness({ factor: 0.3 }),
    image.randomHue({ factor: 0.5 }),
    image.randomSaturation({ factor: [0, 1] }),
    image.randomErasing({ factor: [1, 1], scale: [0.3, 0.6] }),
    image.randomColorDegeneration({ factor: 0.5 }),
    image.randomSharpness({ factor: 1 }),
    image.randomColorJitter({ brightnessFactor: 0.2, contrastFactor: 0.2, saturationFactor: 0.2, hueFactor: 0.2 }),
    image.solarization({ thresholdFactor: 0.9 }),
  ];
  const photo = Array.from({ length: 6 * 5 * 3 }, (_, i) => (i * 37) % 251);
  const photos = copies(photo, [6, 5, 3], 8);

  it.each(layers.map((layer) => [layer.className, layer] as const))("%s: own draws for each image, again with the same key, none in use", async (_name, layer) => {
    const [first, again, other, inUse] = await Promise.all([run(layer, photos), run(layer, photos), run(layer, photos, 2), run(layer, photos, 1, false)]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const images = Array.from({ length: 8 }, (_, i) => first.subarray(i * 90, (i + 1) * 90).join());
    expect(new Set(images).size).toBeGreaterThan(1);
    expect(inUse).toEqual(Float32Array.from((await photos.data()) as Float32Array));
  });
});
