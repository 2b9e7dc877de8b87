import { describe, expect, test } from "vitest";
import { NacreError } from "../../error.js";
import { graphOf, placeholder } from "../../graph/graph.js";
import { type Key, foldIn, keyOf, normals, randomBits as hostBits, uniforms } from "../../random/index.js";
import { dataTensor } from "../../tensor/convert.js";
import type { Tensor } from "../../tensor/tensor.js";
import "../../testing/engine.js";
import type { TensorExports } from "../../testing/opTest.js";
import { plainRun } from "../../testing/plainRun.js";
import { correlation, meanOf, varianceOf } from "../../testing/statistics.js";
import * as random from "./index.js";
import { foldKey, randomBernoulli, randomBits, randomNormal, randomUniform } from "./index.js";

/** Bound on |z| of each statistic: 6e-7 false alarms each, about 30 of them, for fixed keys. */
const Z = 5;
const DRAWS = 2 ** 17;

interface Oracle {
  readonly graph: (key: Tensor) => Tensor;
  readonly host: (key: Key) => ArrayLike<number>;
  /** Largest absolute difference. Default 0. */
  readonly tolerance?: number;
}

const onGraph = (key: Key): Tensor => dataTensor(Uint32Array.from(key));
const streamOf = (key: Key, n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => hostBits(key, i));

describe("host and graph agree bit for bit", () => {
  const key = foldIn(keyOf(3), "dropout");
  // Sizes around the rows that counters are made in, an empty tensor and a scalar.
  test.each([[[]], [[0]], [[3, 0]], [[1]], [[7]], [[2, 3]], [[1023]], [[1024]], [[1025]], [[3, 1024]], [[5, 7, 211]], [[2 ** 17]]])(
    "bits of shape %j",
    async (shape) => {
      const bits = randomBits(onGraph(key), shape);
      expect(bits.shape).toEqual(shape);
      expect(await bits.data()).toEqual(streamOf(key, bits.size));
    },
  );

  test("keys with extreme words", async () => {
    for (const extreme of [[0, 0], [0xffffffff, 0xffffffff], [1, 0x80000000], [0x80000000, 0x7fffffff]] as const) {
      expect(await randomBits(onGraph(extreme), [3000]).data()).toEqual(streamOf(extreme, 3000));
    }
  });

  // An op of this family without an entry is a type error.
  const oracles: { readonly [K in keyof TensorExports<typeof random>]: Oracle } = {
    foldKey: { graph: (k) => random.foldKey(k, "block1/dropout"), host: (k) => foldIn(k, "block1/dropout") },
    randomBits: { graph: (k) => randomBits(k, [2000], 5), host: (k) => streamOf(k, 2000).map((x) => x >>> 27) },
    randomBernoulli: {
      graph: (k) => randomBernoulli(k, 0.3, [2000]),
      host: (k) => Array.from(streamOf(k, 2000), (x) => Number(x < Math.round(0.3 * 2 ** 32))),
    },
    // |z| is at most 5.8; angles up to 2π carry 2.4e-7 of rounding, which the radius multiplies.
    randomNormal: { graph: (k) => randomNormal(k, [2001]), host: (k) => normals(k, 2001), tolerance: 3e-6 },
    randomUniform: { graph: (k) => randomUniform(k, [2000]), host: (k) => uniforms(k, 2000) },
  };
  test.each(Object.entries(oracles))("%s", async (_, { graph, host, tolerance = 0 }) => {
    const [found, expected] = [await graph(onGraph(key)).data(), Array.from(host(key))];
    expect(found.length).toBe(expected.length);
    expected.forEach((value, i) => expect(Math.abs(Number(found[i]) - value)).toBeLessThanOrEqual(tolerance));
  });

  test("folded keys, numbers and names", async () => {
    for (const data of [0, 1, -1, 2 ** 40, "", "é…"]) {
      expect([...(await foldKey(onGraph(key), data).data())]).toEqual(foldIn(key, data));
    }
  });

  test("one thread and several give the same bits", async () => {
    const shape = [300, 301];
    const input = placeholder([2], "uint32", "key");
    for (const draw of [randomUniform, randomNormal]) {
      const [single] = await plainRun(graphOf([input], [draw(input, shape)]), [{ data: Uint32Array.from(key), shape: [2], dtype: "uint32" }]);
      expect(await draw(onGraph(key), shape).data()).toEqual(single!.data);
    }
  });
});

describe("distributions", () => {
  const key = onGraph(keyOf(17));

  test("uniform: range, mean, variance, neighbours", async () => {
    const x = (await randomUniform(key, [128, DRAWS / 128], -2, 4).data()) as Float32Array;
    expect(x.every((v) => v >= -2 && v <= 4)).toBe(true);
    expect((Math.abs(meanOf(x) - 1) * Math.sqrt(DRAWS)) / Math.sqrt(3)).toBeLessThan(Z);
    expect(Math.abs(varianceOf(x) / 3 - 1) * Math.sqrt(DRAWS / 0.8)).toBeLessThan(Z);
    expect(Math.abs(correlation(x.subarray(1), x.subarray(0, -1))) * Math.sqrt(DRAWS)).toBeLessThan(Z);
  });

  test("normal: the first four moments, and the halves that share radii", async () => {
    const x = (await randomNormal(key, [128, DRAWS / 128], 3, 0.5).data()) as Float32Array;
    const z = Float64Array.from(x, (v) => (v - 3) / 0.5);
    const n = Math.sqrt(DRAWS);
    expect(Math.abs(meanOf(z)) * n).toBeLessThan(Z);
    expect((Math.abs(varianceOf(z) - 1) * n) / Math.sqrt(2)).toBeLessThan(Z);
    expect((Math.abs(meanOf(z.map((v) => v ** 3))) * n) / Math.sqrt(15)).toBeLessThan(Z);
    expect((Math.abs(meanOf(z.map((v) => v ** 4)) - 3) * n) / Math.sqrt(96)).toBeLessThan(Z);
    const [first, second] = [z.subarray(0, DRAWS / 2), z.subarray(DRAWS / 2)];
    expect((Math.abs(correlation(first, second)) * n) / Math.SQRT2).toBeLessThan(Z);
    expect((Math.abs(correlation(first.map((v) => v * v), second.map((v) => v * v))) * n) / Math.SQRT2).toBeLessThan(Z);
    expect(x.every(Number.isFinite)).toBe(true);
  });

  test.each([0.001, 0.1, 0.5, 0.9])("Bernoulli with p = %d: share, neighbours, rows", async (p) => {
    const x = (await randomBernoulli(key, p, [128, DRAWS / 128]).data()) as Uint8Array;
    const n = Math.sqrt(DRAWS);
    expect((Math.abs(meanOf(x) - p) * n) / Math.sqrt(p * (1 - p))).toBeLessThan(Z);
    for (const lag of [1, DRAWS / 128]) {
      expect(Math.abs(correlation(x.subarray(lag), x.subarray(0, -lag))) * n).toBeLessThan(Z);
    }
  });

  test("Bernoulli with p = 0 and p = 1 is exact", async () => {
    expect((await randomBernoulli(key, 0, [DRAWS]).data()).some((x) => x !== 0)).toBe(false);
    expect((await randomBernoulli(key, 1, [DRAWS]).data()).every((x) => x === 1)).toBe(true);
    expect(randomBernoulli(key, 1, [2]).dtype).toBe("bool");
  });

  test("two layers of one step draw independently", async () => {
    const [a, b] = await Promise.all(["a", "b"].map((path) => randomUniform(foldKey(key, path), [DRAWS]).data()));
    expect(Math.abs(correlation(a as Float32Array, b as Float32Array)) * Math.sqrt(DRAWS)).toBeLessThan(Z);
  });
});

test("mistakes are refused when the graph is built", () => {
  const key = onGraph(keyOf(0));
  expect(() => randomBits(dataTensor(Uint32Array.of(1)), [2])).toThrow(/random key: uint32 of shape \[2\]/);
  expect(() => foldKey(dataTensor(Float32Array.of(1, 2)), 0)).toThrow(NacreError);
  expect(() => randomBernoulli(key, 1.5, [2])).toThrow(/probability from 0 to 1, received 1.5/);
  expect(() => randomUniform(key, ["batch", 2])).toThrow(/free dimension "batch"/);
});
