import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradients } from "../../autodiff/gradients.js";
import { graphOf, placeholder } from "../../graph/graph.js";
import { plainRun } from "../../testing/plainRun.js";
import { averagePool, maxPool } from "./pool.js";

interface Axis {
  size: number;
  taps: number;
  stride: number;
  padding: readonly [number, number];
  count: number;
}

const axis: fc.Arbitrary<Axis> = fc
  .record({ taps: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 1, max: 5 }), size: fc.integer({ min: 1, max: 8 }) })
  .chain((parts) => {
    const edge = fc.integer({ min: 0, max: parts.taps - 1 });
    return fc.tuple(edge, edge).map((padding) => ({ ...parts, padding }));
  })
  .map((parts) => ({ ...parts, spare: parts.padding[0] + parts.size + parts.padding[1] - parts.taps }))
  .filter(({ spare }) => spare >= 0)
  .map(({ spare, ...parts }) => ({ ...parts, count: Math.floor(spare / parts.stride) + 1 }));

/** Windows with places that are outside whichever way they stand. */
const FEW_ELEMENTS: readonly Axis[] = [
  { size: 1, taps: 5, stride: 1, padding: [2, 2], count: 1 },
  { size: 1, taps: 4, stride: 1, padding: [1, 3], count: 2 },
  { size: 1, taps: 5, stride: 1, padding: [4, 1], count: 2 },
  { size: 6, taps: 5, stride: 6, padding: [3, 0], count: 1 },
];

/** For each window, in order, the positions that it sees, row-major and without padding. */
function windowsOf(axes: readonly Axis[]): number[][] {
  let windows: number[][] = [[0]];
  for (const { size, taps, stride, padding, count } of axes) {
    windows = windows.flatMap((rows) =>
      Array.from({ length: count }, (_, i) => {
        const columns = Array.from({ length: taps }, (_, t) => i * stride + t - padding[0]).filter((at) => at >= 0 && at < size);
        return rows.flatMap((row) => columns.map((column) => row * size + column));
      }),
    );
  }
  return windows;
}

describe.each([
  ["maxPool", maxPool],
  ["averagePool", averagePool],
] as const)("%s", (name, op) => {
  it("and its gradient are those of the definition, ties and borders included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 9 }), async (axes, factor) => {
        const images = 2;
        const volume = axes.reduce((n, { size }) => n * size, 1);
        const windows = windowsOf(axes);
        const xShape = [images, 1, ...axes.map(({ size }) => size)];
        const yShape = [images, 1, ...axes.map(({ count }) => count)];
        // Few different values, negative ones among them: many ties, and zeros would win wrongly.
        const x = Float32Array.from({ length: images * volume }, (_, i) => ((i * factor) % 4) - 5);
        const g = Float32Array.from({ length: images * windows.length }, (_, i) => ((i * 3) % 7) - 3);
        const y = new Float32Array(g.length);
        const dx = new Float32Array(x.length);
        for (let image = 0; image < images; image++) {
          windows.forEach((places, w) => {
            const at = image * windows.length + w;
            const values = places.map((place) => x[image * volume + place]!);
            if (name === "maxPool") {
              y[at] = Math.max(...values);
              dx[image * volume + places[values.indexOf(y[at])]!]! += g[at]!;
              return;
            }
            y[at] = values.reduce((a, b) => a + b, 0) / values.length;
            for (const place of places) dx[image * volume + place]! += g[at]! / values.length;
          });
        }
        const inputs = [placeholder(xShape, "float32", "x"), placeholder(yShape, "float32", "g")] as const;
        const output = op(inputs[0], {
          poolSize: axes.map(({ taps }) => taps),
          strides: axes.map(({ stride }) => stride),
          padding: axes.map(({ padding }) => padding),
        });
        const [grad] = gradients([output], [inputs[1]], [inputs[0]]);
        const [yFound, dxFound] = await plainRun(graphOf(inputs, [output, grad!]), [
          { data: x, shape: xShape, dtype: "float32" },
          { data: g, shape: yShape, dtype: "float32" },
        ]);
        expect(yFound!.shape).toEqual(yShape);
        expect(dxFound!.shape).toEqual(xShape);
        // At most 64 terms of size 5: float32 sums err by less than 64 · 5 · 2⁻²⁴ · 2.
        expectClose(yFound!.data, y, 4e-5);
        expectClose(dxFound!.data, dx, 4e-5);
      }),
      { numRuns: 100, seed: 1, examples: FEW_ELEMENTS.map((each) => [[each], 3]) },
    );
  });

  it("refuses padding that a window could lie in alone, and whole numbers", () => {
    const x = placeholder([1, 1, 5], "float32", "x");
    expect(() => op(x, { poolSize: 2, padding: [[2, 0]] })).toThrow(/padding shorter than the window/);
    expect(() => op(placeholder([1, 1, 5], "int32", "x"), { poolSize: 2 })).toThrow(/float/);
    expect(() => op(x, { poolSize: 6 })).toThrow(/windows no longer than the input/);
  });
});

function expectClose(found: ArrayLike<number | bigint>, expected: Float32Array, tolerance: number): void {
  expected.forEach((value, i) => expect(Math.abs(Number(found[i]) - value)).toBeLessThanOrEqual(tolerance));
}
