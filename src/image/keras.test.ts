import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import "./index.js";
import { type KerasCase, outputOf, readCases, type StoredTensor, tensorOf } from "../testing/kerasCase.js";
import "../testing/engine.js";
import { expectClose } from "../testing/layerProbe.js";
import { fromQuadrilateral } from "./randomPerspective.js";
import { warp } from "./warp.js";

const cases = readCases(new URL("./keras.fixtures.json", import.meta.url));

/** Layers of which Keras's draws were given: ours may fall on any of several results for each image. */
const DRAWN = /^(flip|hue -?1|contrast|shear)/;

/**
 * Places are computed in float32, 1e-6 off for images of this size; between two pixels, whose
 * values differ by up to 255, that is 3e-4 off.
 */
const TOLERANCE = 1e-3;

describe("images as Keras on TensorFlow changes them", () => {
  it.each(cases.filter(({ name }) => !DRAWN.test(name)))("$name", async (test) => {
    const output = outputOf(test);
    expect(output.shape).toEqual(test.output.shape);
    expectClose((await output.data()) as Float32Array, test.output.data, TOLERANCE);
  });

  it.each(cases.filter(({ name }) => name.startsWith("flip")))("$name, or not", async (test) => {
    await expectEach(test, [test.output.data, test.input.data]);
  });

  it.each([[/^hue -?1/], [/^shear/]])("%s", async (name) => {
    const both = cases.filter((test) => name.test(test.name));
    expect(both.length).toBe(2);
    await expectEach(both[0]!, both.map(({ output }) => output.data));
  });

  it("contrast between both ends", async () => {
    const [low, high] = cases.filter(({ name }) => name.startsWith("contrast")) as [KerasCase, KerasCase];
    const found = (await outputOf(low).data()) as Float32Array;
    // A pixel lies between what the least and the greatest contrast give.
    found.forEach((value, i) => {
      const ends = [low.output.data[i]!, high.output.data[i]!];
      expect(value).toBeGreaterThanOrEqual(Math.min(...ends) - TOLERANCE);
      expect(value).toBeLessThanOrEqual(Math.max(...ends) + TOLERANCE);
    });
  });

  it("perspective", async () => {
    const stored = JSON.parse(readFileSync(new URL("./perspective.fixtures.json", import.meta.url), "utf8")) as Record<"end" | "input" | "output", StoredTensor>;
    const end = tensorOf(stored.end);
    const corner = (i: number, axis: number) => end.slice([0, i, axis], [2, i + 1, axis + 1]);
    const place = fromQuadrilateral(
      { rightX: corner(1, 0), lowerY: corner(2, 1), farX: corner(3, 0), farY: corner(3, 1) },
      [stored.input.shape[2]! - 1, stored.input.shape[1]! - 1],
    );
    const seen = warp(tensorOf(stored.input), place, { fillMode: "constant", fillValue: 0, interpolation: "bilinear" });
    expectClose((await seen.data()) as Float32Array, stored.output.data, TOLERANCE);
  });
});

/** Each image must be one of its possible results, and over some keys all of them must come. */
async function expectEach(test: KerasCase, results: readonly (readonly number[])[]): Promise<void> {
  const size = test.output.data.length / 2;
  const seen = new Set<number>();
  // A result of probability 1/2 stays away from 2 · 20 draws with probability 2⁻⁴⁰.
  for (let word = 1; word <= 20; word++) {
    const found = (await outputOf(test, 10 * word).data()) as Float32Array;
    for (const image of [0, 1]) {
      const own = found.slice(image * size, (image + 1) * size);
      const far = results.map((result) => Math.max(...own.map((value, i) => Math.abs(value - result[image * size + i]!))));
      const nearest = far.indexOf(Math.min(...far));
      expect(far[nearest]).toBeLessThan(255 * TOLERANCE);
      seen.add(nearest);
    }
  }
  expect(seen.size).toBe(results.length);
}

it("reads whole numbers as float32, as Keras does", async () => {
  const test = cases.find(({ name }) => name === "brighter")!;
  const bytes = { ...test, input: { dtype: "uint8" as const, shape: [1, 1, 2, 1], data: [0, 100] } };
  const output = outputOf(bytes);
  expect(output.dtype).toBe("float32");
  expectClose((await output.data()) as Float32Array, [76.5, 176.5], 1e-5);
});
