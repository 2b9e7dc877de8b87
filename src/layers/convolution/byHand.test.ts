import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import "../../testing/engine.js";
import { expectClose, floats } from "../../testing/layerProbe.js";
import { input } from "../core/input.js";
import type { Layer } from "../layer.js";
import { conv1d, conv2d, conv3d } from "./conv.js";
import { conv1dTranspose, conv2dTranspose, conv3dTranspose } from "./convTranspose.js";
import { depthwiseConv1d, depthwiseConv2d } from "./depthwise.js";
import { separableConv1d, separableConv2d } from "./separable.js";

/** Sums of at most 24 products of numbers in (−1, 1), in float32: 24 roundings of 6e-8. */
const TOLERANCE = 2e-6;

const STEPS = 6;
const CHANNELS = 4;
const FILTERS = 2;

type Places = (i: number, t: number) => number;

/** y[i, o] = Σ x[place(i, t), c] · kernel[t, c, o] over the places that x has. */
function correlate(x: Float32Array, outputs: number, taps: number, filters: number, place: Places, kernel: (t: number, c: number, o: number) => number): number[] {
  return Array.from({ length: outputs * filters }, (_, at) => {
    const [i, o] = [Math.floor(at / filters), at % filters];
    let sum = 0;
    for (let t = 0; t < taps; t++) {
      const from = place(i, t);
      if (from < 0 || from >= STEPS || !Number.isInteger(from)) continue;
      for (let c = 0; c < CHANNELS; c++) sum += x[from * CHANNELS + c]! * kernel(t, c, o);
    }
    return sum;
  });
}

/** The layer's kernels, then its output for x [STEPS, CHANNELS]. */
async function run(layer: Layer, x: Float32Array): Promise<{ kernel: Float32Array; y: Float32Array }> {
  const model = sequential([input([STEPS, CHANNELS]), layer], { seed: 3 });
  const y = (await (await model.predict({ data: x, shape: [1, STEPS, CHANNELS] })).data()) as Float32Array;
  return { kernel: (await layer.variables[0]!.read()) as Float32Array, y };
}

const GRID = [1, 2, 3].flatMap((kernelSize) => [1, 2, 3].flatMap((strides) => [1, 2].map((dilationRate) => ({ kernelSize, strides, dilationRate }))));
const x = floats(STEPS * CHANNELS, 4);

/** What TensorFlow puts before an axis, and how many windows there are. */
function windows(padding: string, { kernelSize, strides, dilationRate }: (typeof GRID)[number]): { before: number; outputs: number } {
  const extent = (kernelSize - 1) * dilationRate + 1;
  if (padding === "valid") return { before: 0, outputs: Math.floor((STEPS - extent) / strides) + 1 };
  const outputs = Math.ceil(STEPS / strides);
  if (padding === "causal") return { before: extent - 1, outputs };
  return { before: Math.floor(Math.max(0, (outputs - 1) * strides + extent - STEPS) / 2), outputs };
}

describe.each(["valid", "same", "causal"] as const)("Conv1D with %s padding", (padding) => {
  it.each(GRID)("gives the sums of the definition for %j", async (grid) => {
    const { kernel, y } = await run(conv1d({ filters: FILTERS, padding, useBias: false, ...grid }), x);
    const { before, outputs } = windows(padding, grid);
    const place: Places = (i, t) => i * grid.strides + t * grid.dilationRate - before;
    expectClose(y, correlate(x, outputs, grid.kernelSize, FILTERS, place, (t, c, o) => kernel[(t * CHANNELS + c) * FILTERS + o]!), TOLERANCE);
  });
});

describe.each(["valid", "same"] as const)("DepthwiseConv1D with %s padding", (padding) => {
  it.each(GRID)("gives the sums of the definition for %j", async (grid) => {
    const { kernel, y } = await run(depthwiseConv1d({ depthMultiplier: 2, padding, useBias: false, ...grid }), x);
    const { before, outputs } = windows(padding, grid);
    const place: Places = (i, t) => i * grid.strides + t * grid.dilationRate - before;
    // Output channel c · 2 + m sees input channel c alone.
    const tap = (t: number, c: number, o: number): number => (Math.floor(o / 2) === c ? kernel[(t * CHANNELS + c) * 2 + (o % 2)]! : 0);
    expectClose(y, correlate(x, outputs, grid.kernelSize, 2 * CHANNELS, place, tap), TOLERANCE);
  });
});

describe.each(["valid", "same"] as const)("Conv1DTranspose with %s padding", (padding) => {
  const cases = GRID.flatMap((grid) => [null, 0, 1].filter((extra) => extra === null || extra < grid.strides).map((outputPadding) => ({ ...grid, outputPadding })));

  it.each(cases)("gives the sums of the definition for %j", async ({ outputPadding, ...grid }) => {
    const { kernel, y } = await run(conv1dTranspose({ filters: FILTERS, padding, outputPadding, useBias: false, ...grid }), x);
    const extent = (grid.kernelSize - 1) * grid.dilationRate + 1;
    const reach = (STEPS - 1) * grid.strides + extent;
    const least = padding === "valid" ? reach : (STEPS - 1) * grid.strides + (extent % 2);
    const full = padding === "valid" ? Math.max(reach, STEPS * grid.strides) : STEPS * grid.strides;
    const outputs = outputPadding === null ? full : least + outputPadding;
    const before = Math.floor(Math.max(0, reach - outputs) / 2);
    const place: Places = (i, t) => (i + before - t * grid.dilationRate) / grid.strides;
    expectClose(y, correlate(x, outputs, grid.kernelSize, FILTERS, place, (t, c, o) => kernel[(t * FILTERS + o) * CHANNELS + c]!), TOLERANCE);
  });
});

describe("groups", () => {
  it("see their own part of the channels", async () => {
    const { kernel, y } = await run(conv1d({ filters: 4, kernelSize: 2, groups: 2, useBias: false }), x);
    // Filters 0 and 1 see channels 0 and 1, filters 2 and 3 the others.
    const tap = (t: number, c: number, o: number): number => (Math.floor(c / 2) === Math.floor(o / 2) ? kernel[(t * 2 + (c % 2)) * 4 + o]! : 0);
    expectClose(y, correlate(x, STEPS - 1, 2, 4, (i, t) => i + t, tap), TOLERANCE);
  });
});

describe("channels first", () => {
  const common = { filters: 3, kernelSize: 2, padding: "same", strides: 2 } as const;
  type Format = { readonly dataFormat?: "channelsFirst" };
  const layers: readonly [string, number, (format: Format) => Layer][] = [
    ["conv1d", 1, (format) => conv1d({ ...common, ...format })],
    ["conv2d", 2, (format) => conv2d({ ...common, ...format })],
    ["conv3d", 3, (format) => conv3d({ ...common, ...format })],
    ["conv1dTranspose", 1, (format) => conv1dTranspose({ ...common, ...format })],
    ["conv2dTranspose", 2, (format) => conv2dTranspose({ ...common, ...format })],
    ["conv3dTranspose", 3, (format) => conv3dTranspose({ ...common, ...format })],
    ["depthwiseConv1d", 1, (format) => depthwiseConv1d({ kernelSize: 2, depthMultiplier: 2, ...format })],
    ["depthwiseConv2d", 2, (format) => depthwiseConv2d({ kernelSize: [2, 1], ...format })],
    ["separableConv1d", 1, (format) => separableConv1d({ ...common, ...format })],
    ["separableConv2d", 2, (format) => separableConv2d({ ...common, ...format })],
  ];

  it.each(layers)("%s gives the same numbers in another order", async (_name, rank, make) => {
    const spatial = [4, 3, 2].slice(0, rank);
    const size = spatial.reduce((a, b) => a * b, 1);
    const values = floats(size * 2, 5);
    const [last, first] = [make({}), make({ dataFormat: "channelsFirst" })];
    const models = [sequential([input([...spatial, 2]), last]), sequential([input([2, ...spatial]), first])];
    models[0]!.initialize(1);
    // A bias other than 0 must meet the channels.
    for (const [i, variable] of last.variables.entries()) {
      const moved = floats(variable.size, 60 + i);
      variable.assign(moved);
      first.variables[i]!.assign(moved);
    }
    const turned = Float32Array.from(values, (_, at) => values[(at % size) * 2 + Math.floor(at / size)]!);
    const y = await models[0]!.predict({ data: values, shape: [1, ...spatial, 2] });
    const z = await models[1]!.predict({ data: turned, shape: [1, 2, ...spatial] });
    const channels = y.shape.at(-1) as number;
    expect(z.shape).toEqual([1, channels, ...y.shape.slice(1, -1)]);
    const [a, b] = [(await y.data()) as Float32Array, (await z.data()) as Float32Array];
    const places = a.length / channels;
    expectClose(b, Float32Array.from(b, (_, at) => a[(at % places) * channels + Math.floor(at / places)]!), TOLERANCE);
  });
});
