import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphOf, placeholder } from "../../graph/graph.js";
import { plainRun } from "../../testing/plainRun.js";
import { convTranspose, depthwiseConv } from "./convTranspose.js";
import { conv, convInputGrad, convKernelGrad, samePadding, type Padding } from "./conv.js";

/** One convolution with all that decides its shape, one entry per spatial axis. */
interface Geometry {
  batch: number;
  groups: number;
  inputs: number;
  outputs: number;
  axes: { size: number; taps: number; stride: number; dilation: number; padding: Padding; count: number }[];
}

/** Every (output place, tap, input place) that a convolution joins, along one axis. */
function links({ size, taps, stride, dilation, padding, count }: Geometry["axes"][number]): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < taps; t++) {
      const at = i * stride + t * dilation - padding[0];
      if (at >= 0 && at < size) found.push([i, t, at]);
    }
  }
  return found;
}

/** Calls `visit` with flat positions in y, x and the kernel for every product in the definition. */
function eachProduct({ batch, groups, inputs, outputs, axes }: Geometry, visit: (y: number, x: number, k: number) => void): void {
  let places: [number, number, number][] = [[0, 0, 0]];
  for (const axis of axes) {
    places = places.flatMap(([y, k, x]) =>
      links(axis).map(([i, t, at]): [number, number, number] => [y * axis.count + i, k * axis.taps + t, x * axis.size + at]),
    );
  }
  const volume = (key: "count" | "taps" | "size"): number => axes.reduce((n, axis) => n * axis[key], 1);
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < groups * outputs; o++) {
      for (let c = 0; c < inputs; c++) {
        const channel = Math.floor(o / outputs) * inputs + c;
        for (const [y, k, x] of places) {
          visit(
            (b * groups * outputs + o) * volume("count") + y,
            (b * groups * inputs + channel) * volume("size") + x,
            (o * inputs + c) * volume("taps") + k,
          );
        }
      }
    }
  }
}

const axis = fc
  .record({
    taps: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padding: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
    size: fc.integer({ min: 1, max: 9 }),
  })
  .map((parts) => {
    const spare = parts.padding[0] + parts.size + parts.padding[1] - (parts.taps - 1) * parts.dilation - 1;
    return { ...parts, count: Math.floor(spare / parts.stride) + 1, spare };
  })
  .filter(({ spare }) => spare >= 0);

const geometry: fc.Arbitrary<Geometry> = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  groups: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 2 }),
  outputs: fc.integer({ min: 1, max: 2 }),
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
});

/** Small whole numbers, so that float32 sums are exact and must be equal. */
function wholeNumbers(size: number, factor: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => ((i * factor) % 7) - 3);
}

describe("conv and its two adjoints", () => {
  it("are the sums of their definition for any stride, dilation, padding and groups", async () => {
    await fc.assert(
      fc.asyncProperty(geometry, async (g) => {
        const shapes = {
          x: [g.batch, g.groups * g.inputs, ...g.axes.map(({ size }) => size)],
          k: [g.groups * g.outputs, g.inputs, ...g.axes.map(({ taps }) => taps)],
          y: [g.batch, g.groups * g.outputs, ...g.axes.map(({ count }) => count)],
        };
        const sizeOf = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);
        const [x, k, y] = [wholeNumbers(sizeOf(shapes.x), 5), wholeNumbers(sizeOf(shapes.k), 3), wholeNumbers(sizeOf(shapes.y), 2)];
        const expected = { y: new Float32Array(y.length), x: new Float32Array(x.length), k: new Float32Array(k.length) };
        eachProduct(g, (yAt, xAt, kAt) => {
          expected.y[yAt]! += x[xAt]! * k[kAt]!;
          expected.x[xAt]! += y[yAt]! * k[kAt]!;
          expected.k[kAt]! += y[yAt]! * x[xAt]!;
        });
        const options = {
          strides: g.axes.map(({ stride }) => stride),
          dilations: g.axes.map(({ dilation }) => dilation),
          padding: g.axes.map(({ padding }) => padding),
          groups: g.groups,
        };
        const inputs = [
          placeholder(shapes.x, "float32", "x"),
          placeholder(shapes.k, "float32", "k"),
          placeholder(shapes.y, "float32", "y"),
        ] as const;
        const outputs = [
          conv(inputs[0], inputs[1], options),
          convInputGrad(inputs[2], inputs[1], { ...options, inputShape: shapes.x.slice(2) }),
          convKernelGrad(inputs[0], inputs[2], { ...options, kernelShape: shapes.k.slice(2) }),
        ];
        const [yFound, xFound, kFound] = await plainRun(graphOf(inputs, outputs), [
          { data: x, shape: shapes.x, dtype: "float32" },
          { data: k, shape: shapes.k, dtype: "float32" },
          { data: y, shape: shapes.y, dtype: "float32" },
        ]);
        expect(yFound).toEqual({ data: expected.y, shape: shapes.y, dtype: "float32" });
        expect(xFound).toEqual({ data: expected.x, shape: shapes.x, dtype: "float32" });
        expect(kFound).toEqual({ data: expected.k, shape: shapes.k, dtype: "float32" });
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("refuse what does not fit, naming the op", () => {
    const [x, k] = [placeholder([1, 4, 5], "float32", "x"), placeholder([2, 3, 3], "float32", "k")];
    expect(() => conv(x, k)).toThrow(/conv: expected 3 · 1 groups = 3 channels/);
    expect(() => conv(x, placeholder([3, 2, 3], "float32", "k"), { groups: 2 })).toThrow(/2 groups divide/);
    expect(() => conv(x, placeholder([2, 4, 6], "float32", "k"))).toThrow(/no longer than the input/);
    expect(() => conv(x, placeholder([2, 4, 3], "float32", "k"), { strides: 0 })).toThrow(/strides of at least 1/);
    const transposed = placeholder([4, 2, 3], "float32", "k");
    expect(() => convTranspose(x, transposed, { strides: 2, outputPadding: 2 })).toThrow(/from 0 to the stride less 1/);
    expect(() => depthwiseConv(x, k)).toThrow(/1 · 2 groups = 2 channels/);
  });
});

describe("samePadding", () => {
  it("puts the odd element after, as TensorFlow does", () => {
    expect(samePadding(8, 3)).toEqual([1, 1]);
    expect(samePadding(8, 3, 2)).toEqual([0, 1]);
    expect(samePadding(7, 2)).toEqual([0, 1]);
    expect(samePadding(9, 3, 1, 2)).toEqual([2, 2]);
    expect(samePadding(10, 1, 3)).toEqual([0, 0]);
  });
});
