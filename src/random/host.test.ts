import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NacreError } from "../error.js";
import { foldIn, keyOf, normals, permutation, randomBits, shuffled, truncatedNormals, uniforms } from "./host.js";
import { chiSquareZ, correlation, meanOf, varianceOf } from "../testing/statistics.js";

/**
 * Bound on |z| for every statistic below. For a true random source each check fails with
 * probability 6e-7; about 1,200 such statistics are taken, so about 1 in 1,500 sets of keys would
 * fail. The keys are fixed, so a failure means that the generator was changed.
 */
const Z = 5;
const DRAWS = 2 ** 17;
const SEEDS = [0, 1, 2, 12345, -1, 2 ** 40];

const bitsOf = (key: readonly [number, number], n = DRAWS): Uint32Array =>
  Uint32Array.from({ length: n }, (_, i) => randomBits(key, i));

describe("keys", () => {
  test("equal data give equal keys, other data other keys", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        expect(keyOf(a)).toEqual(keyOf(a));
        if (a !== b) {
          expect(keyOf(a)).not.toEqual(keyOf(b));
          expect(foldIn(keyOf(1), a)).not.toEqual(foldIn(keyOf(1), b));
        }
      }),
    );
  });

  test("names differ from each other and from numbers, and order matters", () => {
    const key = keyOf(3);
    const names = ["", "a", "b", "ab", "ba", "dense/kernel", "dense_1/kernel", "kernel/dense", "0", "1"];
    const keys = [...names.map((name) => foldIn(key, name)), foldIn(key, 0), foldIn(key, 1)];
    expect(new Set(keys.map(String)).size).toBe(names.length + 2);
    expect(foldIn(foldIn(key, "a"), "b")).not.toEqual(foldIn(foldIn(key, "b"), "a"));
    expect(foldIn(key, "a")).not.toEqual(key);
  });

  test("every bit of a folded key is fair, for steps and for names in sequence", () => {
    const key = keyOf(0);
    const n = 2 ** 14;
    for (const data of [(i: number) => i, (i: number) => `layer_${i}/kernel`]) {
      const keys = Array.from({ length: n }, (_, i) => foldIn(key, data(i)));
      for (const word of [0, 1] as const) {
        expect(bitBalance(Uint32Array.from(keys, (k) => k[word]))).toBeLessThan(Z);
      }
      // Between the words of a key, and between the keys of neighbouring steps.
      expect(bitBalance(Uint32Array.from(keys, (k) => k[0] ^ k[1]))).toBeLessThan(Z);
      expect(bitBalance(Uint32Array.from(keys.slice(1), (k, i) => k[0] ^ keys[i]![0]))).toBeLessThan(Z);
    }
  });

  test("a fractional seed is refused", () => {
    expect(() => keyOf(0.5)).toThrow(NacreError);
    expect(() => foldIn(keyOf(0), 2 ** 60)).toThrow(/whole number/);
  });
});

describe("random bits", () => {
  test.each(SEEDS)("each bit is one in half of all draws, seed %d", (seed) => {
    const bits = bitsOf(keyOf(seed));
    expect(bitBalance(bits)).toBeLessThan(Z);
    // Neighbours, and places 1024 apart as in the rows of a tensor, differ in half of all bits.
    expect(bitBalance(bits.subarray(1).map((x, i) => x ^ bits[i]!))).toBeLessThan(Z);
    expect(bitBalance(bits.subarray(1024).map((x, i) => x ^ bits[i]!))).toBeLessThan(Z);
  });

  test.each(SEEDS)("bytes and pairs of neighbouring nibbles are uniform, seed %d", (seed) => {
    const bits = bitsOf(keyOf(seed));
    for (const shift of [0, 8, 16, 24]) {
      expect(Math.abs(chiSquareZ(Array.from(bits, (x) => (x >>> shift) & 255), 256))).toBeLessThan(Z);
    }
    for (const shift of [0, 28]) {
      const pairs = Array.from({ length: DRAWS / 2 }, (_, i) => {
        const [a, b] = [bits[2 * i]! >>> shift, bits[2 * i + 1]! >>> shift];
        return ((a & 15) << 4) | (b & 15);
      });
      expect(Math.abs(chiSquareZ(pairs, 256))).toBeLessThan(Z);
    }
  });

  test("streams of neighbouring keys are independent", () => {
    const root = keyOf(7);
    const streams = [root, foldIn(root, 0), foldIn(root, 1), foldIn(root, "a"), keyOf(8)].map((key) => bitsOf(key));
    streams.forEach((a, i) => {
      for (const b of streams.slice(0, i)) {
        expect(bitBalance(a.map((x, k) => x ^ b[k]!))).toBeLessThan(Z);
        expect(Math.abs(correlation(a, b)) * Math.sqrt(DRAWS)).toBeLessThan(Z);
      }
    });
  });

  test("the first draws of consecutive keys are uniform and uncorrelated", () => {
    const root = keyOf(11);
    const first = Array.from({ length: DRAWS }, (_, step) => randomBits(foldIn(root, step), 0));
    expect(bitBalance(Uint32Array.from(first))).toBeLessThan(Z);
    expect(Math.abs(chiSquareZ(first.map((x) => x >>> 24), 256))).toBeLessThan(Z);
    expect(Math.abs(correlation(first.slice(1), first.slice(0, -1))) * Math.sqrt(DRAWS)).toBeLessThan(Z);
  });
});

describe("distributions", () => {
  test.each(SEEDS)("uniforms: range, mean, variance, serial correlation, seed %d", (seed) => {
    const x = uniforms(keyOf(seed), DRAWS);
    expect(x.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(Math.abs(meanOf(x) - 0.5) * Math.sqrt(12 * DRAWS)).toBeLessThan(Z);
    // The variance of (u − ½)² is 1/180.
    expect(Math.abs(varianceOf(x) - 1 / 12) * Math.sqrt(180 * DRAWS)).toBeLessThan(Z);
    expect(Math.abs(correlation(x.subarray(1), x.subarray(0, -1))) * Math.sqrt(DRAWS)).toBeLessThan(Z);
  });

  test.each(SEEDS)("normals: the first four moments, seed %d", (seed) => {
    const x = normals(keyOf(seed), DRAWS - 1);
    const n = Math.sqrt(DRAWS);
    expect(Math.abs(meanOf(x)) * n).toBeLessThan(Z);
    expect((Math.abs(varianceOf(x) - 1) * n) / Math.sqrt(2)).toBeLessThan(Z);
    expect((Math.abs(meanOf(x.map((v) => v ** 3))) * n) / Math.sqrt(15)).toBeLessThan(Z);
    expect((Math.abs(meanOf(x.map((v) => v ** 4)) - 3) * n) / Math.sqrt(96)).toBeLessThan(Z);
    expect(Math.abs(correlation(x.subarray(0, DRAWS / 2 - 1), x.subarray(DRAWS / 2)) * n) / Math.sqrt(2)).toBeLessThan(Z);
  });

  test("truncated normals keep within two deviations and have the truncated variance", () => {
    const x = truncatedNormals(keyOf(5), DRAWS);
    expect(x.every((v) => Math.abs(v) <= 2)).toBe(true);
    expect(x.some((v) => Math.abs(v) > 1.99)).toBe(true);
    expect((Math.abs(meanOf(x)) * Math.sqrt(DRAWS)) / 0.8796).toBeLessThan(Z);
    // 1 − 4φ(2)/(2Φ(2) − 1); the standard deviation of x² is 0.9 for this distribution.
    expect((Math.abs(varianceOf(x) - 0.773741) * Math.sqrt(DRAWS)) / 0.9).toBeLessThan(Z);
  });

  test("a longer stream begins with the shorter one, where no pairing is needed", () => {
    const key = keyOf(9);
    expect(uniforms(key, 10)).toEqual(uniforms(key, 100).slice(0, 10));
    expect(truncatedNormals(key, 10)).toEqual(truncatedNormals(key, 100).slice(0, 10));
    expect([uniforms(key, 0).length, normals(key, 0).length, truncatedNormals(key, 0).length]).toEqual([0, 0, 0]);
  });
});

describe("permutations", () => {
  test("hold each number once", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(300), (seed, n) => {
        expect([...permutation(keyOf(seed), n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  test("give each of the 24 orders of 4 items equally often", () => {
    const root = keyOf(2);
    const orders = new Map<string, number>();
    const seen = Array.from({ length: 48_000 }, (_, i) => {
      const order = permutation(foldIn(root, i), 4).join("");
      if (!orders.has(order)) orders.set(order, orders.size);
      return orders.get(order)!;
    });
    expect(orders.size).toBe(24);
    expect(Math.abs(chiSquareZ(seen, 24))).toBeLessThan(Z);
  });

  test("shuffled returns a new array of the same items, by seed", () => {
    const items = Object.freeze(["a", "b", "c", "d", "e", "f"]);
    expect(shuffled(keyOf(1), items)).toEqual(shuffled(keyOf(1), items));
    expect([...shuffled(keyOf(1), items)].sort()).toEqual(items);
    expect(shuffled(keyOf(1), items)).not.toEqual(shuffled(keyOf(2), items));
  });
});

test("the stream never changes: saved runs depend on it", () => {
  expect(keyOf(1)).toEqual([3933670725, 2851851238]);
  expect(foldIn(keyOf(1), "dense/kernel")).toEqual([3323649840, 4132814074]);
  expect([...bitsOf(keyOf(1), 3)]).toEqual([4067343235, 313489359, 2832774887]);
});

/** The largest |z| over the 32 bit positions of the count of ones. */
function bitBalance(words: Uint32Array): number {
  let worst = 0;
  for (let bit = 0; bit < 32; bit++) {
    let ones = 0;
    for (const word of words) ones += (word >>> bit) & 1;
    worst = Math.max(worst, Math.abs(2 * ones - words.length) / Math.sqrt(words.length));
  }
  return worst;
}
