import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NacreError } from "../error.js";
import { foldIn, keyOf } from "../random/index.js";
import { meanOf, varianceOf } from "../testing/statistics.js";
import * as initializers from "./index.js";

const key = keyOf(1);
/** Bound on |z| of each statistic; a right initializer exceeds it for 1 in 1.7 million keys. */
const Z = 5;

/** z-scores of mean and variance; `kurtosis` is E[(x − μ)⁴] / σ⁴ of the distribution. */
function expectMoments(x: Float32Array, mean: number, variance: number, kurtosis: number): void {
  const n = Math.sqrt(x.length);
  expect((Math.abs(meanOf(x) - mean) * n) / Math.sqrt(variance)).toBeLessThan(Z);
  expect((Math.abs(varianceOf(x) / variance - 1) * n) / Math.sqrt(kurtosis - 1)).toBeLessThan(Z);
}

const UNIFORM = 1.8;
const NORMAL = 3;
/** Of a normal cut off at ±2. */
const TRUNCATED = 2.3655;
const TRUNCATED_VARIANCE = 0.7737413;

describe("fixed values", () => {
  test("zeros, ones, constant", () => {
    expect(initializers.zeros().init([2, 2], key)).toEqual(new Float32Array(4));
    expect(initializers.ones().init([3], key)).toEqual(Float32Array.of(1, 1, 1));
    expect(initializers.constant({ value: -2.5 }).init([], key)).toEqual(Float32Array.of(-2.5));
    expect(initializers.constant().config).toEqual({ value: 0 });
  });

  test("identity, square or not, and only of matrices", () => {
    expect(initializers.identity({ gain: 2 }).init([2, 3], key)).toEqual(Float32Array.of(2, 0, 0, 0, 2, 0));
    expect(initializers.identity().init([2, 1], key)).toEqual(Float32Array.of(1, 0));
    expect(() => initializers.identity().init([2, 2, 2], key)).toThrow(/2 axes, received \[2, 2, 2\]/);
  });
});

describe("distributions", () => {
  test("randomUniform: range and moments", () => {
    const x = initializers.randomUniform({ minval: -1, maxval: 3 }).init([300, 400], key);
    expect(x.every((v) => v >= -1 && v <= 3)).toBe(true);
    expectMoments(x, 1, 16 / 12, UNIFORM);
    expectMoments(initializers.randomUniform().init([300, 400], key), 0, 0.01 / 12, UNIFORM);
  });

  test("randomNormal and truncatedNormal: moments, the latter within two deviations", () => {
    expectMoments(initializers.randomNormal({ mean: 2, stddev: 3 }).init([300, 400], key), 2, 9, NORMAL);
    const x = initializers.truncatedNormal({ mean: 1, stddev: 0.5 }).init([300, 400], key);
    expect(x.every((v) => Math.abs(v - 1) <= 1.000001)).toBe(true);
    expectMoments(x, 1, 0.25 * TRUNCATED_VARIANCE, TRUNCATED);
  });

  // Variances for 90 inputs and 400 outputs, from Glorot 2010, He 2015 and LeCun 1998.
  const [fanIn, fanOut] = [90, 400];
  const cases = [
    ["glorotUniform", 2 / (fanIn + fanOut), UNIFORM],
    ["glorotNormal", 2 / (fanIn + fanOut), TRUNCATED],
    ["heUniform", 2 / fanIn, UNIFORM],
    ["heNormal", 2 / fanIn, TRUNCATED],
    ["lecunUniform", 1 / fanIn, UNIFORM],
    ["lecunNormal", 1 / fanIn, TRUNCATED],
  ] as const;
  test.each(cases)("%s: variance by the fans of a dense and of a convolution's kernel", (name, variance, kurtosis) => {
    expectMoments(initializers.get(name).init([fanIn, fanOut], key), 0, variance, kurtosis);
    const places = 9;
    expectMoments(initializers.get(name).init([3, 3, fanIn, fanOut], key), 0, variance / places, kurtosis);
  });

  test("varianceScaling: each mode and distribution", () => {
    for (const [mode, fan] of [["fanIn", fanIn], ["fanOut", fanOut], ["fanAvg", 245]] as const) {
      for (const [distribution, kurtosis] of [["uniform", UNIFORM], ["truncatedNormal", TRUNCATED], ["untruncatedNormal", NORMAL]] as const) {
        const x = initializers.varianceScaling({ scale: 3, mode, distribution }).init([fanIn, fanOut], key);
        expectMoments(x, 0, 3 / fan, kurtosis);
      }
    }
  });

  test("a vector's and a scalar's fans are their length", () => {
    expectMoments(initializers.lecunUniform().init([10_000], key), 0, 1e-4, UNIFORM);
    expect(Math.abs(initializers.lecunUniform().init([], key)[0]!)).toBeLessThanOrEqual(Math.sqrt(3));
  });
});

describe("orthogonal", () => {
  test("the shorter side's vectors are orthonormal, times gain", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer(), (rows, columns, seed) => {
        const gain = 1.5;
        const q = initializers.orthogonal({ gain, seed }).init([rows, columns], key);
        const at = (v: number, i: number) => (rows < columns ? q[v * columns + i]! : q[i * columns + v]!);
        const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
        for (let v = 0; v < count; v++) {
          for (let w = 0; w <= v; w++) {
            let product = 0;
            for (let i = 0; i < length; i++) product += at(v, i) * at(w, i);
            // float32 storage: 12 products, each rounded by at most 2.25 · 2⁻²³.
            expect(Math.abs(product - (v === w ? gain * gain : 0))).toBeLessThan(4e-6);
          }
        }
      }),
    );
  });

  test("a recurrent kernel of usual size stays orthogonal", () => {
    const [rows, columns] = [128, 512];
    const q = initializers.orthogonal().init([rows, columns], key);
    const product = (a: number, b: number) =>
      q.subarray(a * columns, (a + 1) * columns).reduce((sum, x, i) => sum + x * q[b * columns + i]!, 0);
    for (let a = 0; a < rows; a += 17) {
      expect(product(a, a)).toBeCloseTo(1, 5);
      expect(product(a, rows - 1 - a)).toBeCloseTo(0, 5);
    }
  });

  test("all signs are equally likely: entries have mean 0 and variance 1 / n", () => {
    const n = 4;
    const entries = Array.from({ length: 20_000 }, (_, i) => initializers.orthogonal().init([n, n], foldIn(key, i)));
    // For a uniformly random orthogonal matrix E[q⁴] = 3 / (n (n + 2)), so the kurtosis is 3n / (n + 2).
    for (const place of [0, 5, 15]) {
      expectMoments(Float32Array.from(entries, (q) => q[place]!), 0, 1 / n, (3 * n) / (n + 2));
    }
  });

  test("more axes are read as a matrix of the last one; vectors are refused", () => {
    expect(initializers.orthogonal().init([2, 3, 4], key)).toEqual(initializers.orthogonal().init([6, 4], key));
    expect(() => initializers.orthogonal().init([5], key)).toThrow(/at least 2 axes/);
  });
});

const NAMES = [
  "constant", "glorotNormal", "glorotUniform", "heNormal", "heUniform", "identity", "lecunNormal", "lecunUniform",
  "ones", "orthogonal", "randomNormal", "randomUniform", "truncatedNormal", "varianceScaling", "zeros",
] as const;
const RANDOM = NAMES.filter((name) => !["constant", "identity", "ones", "zeros"].includes(name));

describe("keys and seeds", () => {
  test.each(RANDOM)("%s: equal keys give equal values, other paths others; a seed overrides the key", (name) => {
    const initializer = initializers.get(name);
    const [a, b] = [foldIn(key, "dense/kernel"), foldIn(key, "dense_1/kernel")];
    expect(initializer.init([4, 5], a)).toEqual(initializer.init([4, 5], a));
    expect(initializer.init([4, 5], a)).not.toEqual(initializer.init([4, 5], b));
    const seeded = initializers.deserialize({ className: name, config: { seed: 7 } });
    expect(seeded.init([4, 5], a)).toEqual(seeded.init([4, 5], b));
    expect(seeded.init([4, 5], a)).toEqual(initializer.init([4, 5], keyOf(7)));
    expect(seeded.config).toMatchObject({ seed: 7 });
  });
});

describe("names and files", () => {
  test.each(NAMES)("%s: resolves in three spellings and survives being written down", (name) => {
    const byName = initializers.get(name);
    expect(byName.name).toBe(name[0]!.toUpperCase() + name.slice(1));
    for (const spelling of [byName.name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]) {
      expect(initializers.get(spelling)).toMatchObject({ name: byName.name, config: byName.config });
    }
    const written = JSON.parse(JSON.stringify(initializers.serialize(byName))) as initializers.SerializedInitializer;
    const read = initializers.deserialize(written);
    expect(initializers.serialize(read)).toEqual(initializers.serialize(byName));
    expect(read.init([3, 4], key)).toEqual(byName.init([3, 4], key));
  });

  test("an initializer is returned as it is, options that are null count as not given", () => {
    const mine = initializers.constant({ value: 3 });
    expect(initializers.get(mine)).toBe(mine);
    expect(initializers.deserialize({ className: "RandomNormal", config: { seed: null, stddev: 1 } }).config).toEqual({ mean: 0, stddev: 1 });
  });

  test("mistakes are named", () => {
    const mistake = (body: () => unknown): NacreError => {
      try {
        body();
      } catch (error) {
        if (error instanceof NacreError) return error;
      }
      throw new Error("nothing was refused");
    };
    expect(mistake(() => initializers.get("glorot_unifrom"))).toMatchObject({ code: "UNKNOWN_NAME", fix: 'did you mean "glorotUniform"?' });
    expect(mistake(() => initializers.get("__proto__"))).toMatchObject({ code: "UNKNOWN_NAME" });
    expect(mistake(() => initializers.randomNormal({ std: 1 } as object))).toMatchObject({ code: "UNKNOWN_NAME" });
    expect(mistake(() => initializers.randomNormal({ stddev: NaN }))).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(mistake(() => initializers.randomNormal({ seed: 0.5 }))).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(mistake(() => initializers.varianceScaling({ scale: 0 }))).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(mistake(() => initializers.varianceScaling({ mode: "fanInn" as "fanIn" }))).toMatchObject({ code: "UNKNOWN_NAME" });
    expect(mistake(() => initializers.deserialize({ className: "Constant", config: { value: "1" } }))).toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
