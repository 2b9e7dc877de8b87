import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementsOf } from "../../onnx/proto.js";
import { FLOAT16, halfBits, halfBytes } from "./half.js";
import { Histogram, quantizerOf } from "./ranges.js";
import { quantizeWeights } from "./weights.js";

/** What the reader of files makes of half floats. */
function widened(bits: readonly number[]): Float32Array {
  return new Float32Array(elementsOf(new Uint8Array(Uint16Array.from(bits).buffer), FLOAT16, bits.length).slice().buffer);
}

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });

describe("quantizeWeights", () => {
  const weights = fc
    .record({ before: fc.integer({ min: 1, max: 4 }), channels: fc.integer({ min: 1, max: 5 }), inner: fc.integer({ min: 1, max: 6 }) })
    .chain(({ before, channels, inner }) => {
      const size = before * channels * inner;
      return fc.record({ shape: fc.constant([before, channels, inner]), data: fc.array(finite, { minLength: size, maxLength: size }).map((values) => Float32Array.from(values)) });
    });

  it("keeps each weight within half a step, and the sum of two products within 16 bits", () => {
    fc.assert(
      fc.property(weights, ({ shape, data }) => {
        const { values, scales } = quantizeWeights(data, shape, 1);
        const [, channels, inner] = shape as [number, number, number];
        const channelOf = (i: number): number => Math.floor(i / inner) % channels;
        data.forEach((value, i) => {
          const scale = scales[channelOf(i)]!;
          // Beside the half step: the roundings of a scale, a quotient and a product.
          expect(Math.abs(values[i]! * scale - value)).toBeLessThanOrEqual(scale / 2 + Math.abs(value) * 1e-6);
        });
        for (let channel = 0; channel < channels; channel++) {
          const own = Array.from(values).filter((_, i) => channelOf(i) === channel).sort((a, b) => a - b);
          const largest = Math.max(own.at(-1)! + Math.max(0, own.at(-2) ?? 0), -(own[0]! + Math.min(0, own[1] ?? 0)));
          expect(255 * largest).toBeLessThanOrEqual(2 ** 15 - 1);
        }
      }),
    );
  });

  it("has a scale for each channel, and one for channels of zeros", () => {
    const { values, scales } = quantizeWeights(Float32Array.of(1, -0.5, 0, 0, 100, 50), [3, 2], 0);
    expect(Array.from(values)).toEqual([127, -64, 0, 0, 85, 42]);
    expect(Array.from(scales)).toEqual([Math.fround(1 / 127), 1, Math.fround(150 / 127)]);
  });
});

describe("half floats", () => {
  it("are read back bit by bit", () => {
    const all = Array.from({ length: 2 ** 16 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0);
    const values = widened(all);
    expect(all.filter((bits, i) => halfBits(values[i]!) !== bits)).toEqual([]);
    expect(Number.isNaN(widened([halfBits(NaN)])[0])).toBe(true);
  });

  it("are the nearest ones, the even one of two", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (bits, share, negative) => {
        const [low, high] = widened([bits, bits + 1]) as unknown as [number, number];
        const sign = negative ? -1 : 1;
        const value = Math.fround(low + (high - low) * share);
        const middle = (low + high) / 2;
        const up = value > middle || (value === middle && bits % 2 === 1);
        expect(widened([halfBits(sign * value)])[0]! + 0).toBe(sign * (up ? high : low) + 0);
      }),
    );
    expect(halfBits(65_519)).toBe(halfBits(65_504));
    expect(halfBits(65_520)).toBe(halfBits(Infinity));
    expect(Array.from(halfBytes(Float32Array.of(1, -2)))).toEqual([0, 0x3c, 0, 0xc0]);
  });
});

describe("ranges", () => {
  it("tell zero exactly, and everything between their ends within half a step", () => {
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { scale, zeroPoint } = quantizerOf({ low, high });
        expect(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255 && scale > 0).toBe(true);
        const value = low + (high - low) * share;
        const q = Math.min(255, Math.max(0, Math.round(value / scale) + zeroPoint));
        // Rounding the zero point moves both ends by up to half a step more.
        if (low < high) expect(Math.abs((q - zeroPoint) * scale - value)).toBeLessThanOrEqual(scale * 1.001);
      }),
    );
  });

  /** 100,000 values of a bell curve between −4 and 4, and one outlier. */
  const bell = (): Histogram => {
    const histogram = new Histogram({ low: -40, high: 400 });
    const values = Float32Array.from({ length: 100_000 }, (_, i) => {
      const angle = i * 2.399963;
      return Math.sqrt(-2 * Math.log((i + 0.5) / 100_000)) * Math.cos(angle);
    });
    values[0] = 400;
    histogram.add(values);
    return histogram;
  };

  it("leave outliers out", () => {
    const { low, high } = bell().percentile(99.9);
    // The 0.05th percentile of a bell curve lies at 3.29; a bin is 0.21 wide.
    expect(low).toBeGreaterThan(-3.8);
    expect(low).toBeLessThan(-3.1);
    expect(high).toBeLessThan(3.8);
    expect(high).toBeGreaterThan(3.1);
    expect(bell().percentile(100)).toMatchObject({ high: 400 });
    const entropy = bell().entropy();
    expect(entropy.high).toBeLessThan(200);
    expect(entropy.high).toBeGreaterThan(3);
  });
});
