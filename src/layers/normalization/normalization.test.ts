import { describe, expect, it } from "vitest";
import { fromArrays } from "../../data/index.js";
import { fromBytes } from "../../models/load.js";
import { sequential } from "../../models/sequential.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, floats, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf, varianceOf } from "../../testing/statistics.js";
import type { AdaptData } from "../adapt.js";
import { dense } from "../core/dense.js";
import { input } from "../core/input.js";
import { normalization } from "./normalization.js";

layerTest((extra) => normalization({ mean: [1, 2, 3], variance: [4, 1, 0.25], ...extra }), [{ shape: [2, 3] }], { output: [2, 3], refused: [[[2, 2]]] });

layerTest((extra) => normalization({ axis: [1, 2], mean: [[1, 2], [3, 4]], variance: [[4, 1], [2, 3]], invert: true, ...extra }), [{ shape: [2, 2] }], {
  title: "Normalization of two axes, inverted",
  output: [2, 2],
  refused: [[[3, 2]]],
});

const ROWS = 40;
const values = floats(ROWS * 3, 1).map((v, i) => 1000 + v * (1 + (i % 3)));
const columns = [0, 1, 2].map((c) => values.filter((_, i) => i % 3 === c));
const nested = Array.from({ length: ROWS }, (_, row) => [...values.subarray(row * 3, row * 3 + 3)]);

/** Values of 1000 have an ulp of 6e-5 in float32; the sums are in float64. */
const MEAN_TOLERANCE = 1e-7;

describe("Normalization", () => {
  const sources: readonly [string, AdaptData][] = [
    ["nested arrays", nested],
    ["flat rows", { data: values, shape: [ROWS, 3] }],
    ["a tensor", dataTensor(values, "float32", [ROWS, 3])],
    // Three batches, the last one shorter.
    ["a dataset", fromArrays({ inputs: { data: values, shape: [ROWS, 3] } }).batch(16)],
  ];

  it.each(sources)("learns mean and variance of each feature from %s", async (_what, data) => {
    const layer = normalization();
    await layer.adapt(data);
    const [mean, variance, count] = await Promise.all(layer.variables.map((variable) => variable.read()));
    expectClose(mean as Float32Array, columns.map(meanOf), MEAN_TOLERANCE);
    // Float32 of the values already errs by 3e-5; the two-pass variance of the same values does not differ.
    expectClose(variance as Float32Array, columns.map(varianceOf), 1e-6);
    expect(Number(count![0])).toBe(ROWS);
  });

  it("brings what it learned from to mean 0 and variance 1, and back, also after saving", async () => {
    const there = normalization();
    const back = normalization({ invert: true });
    await there.adapt(nested);
    await back.adapt(nested);
    const model = await fromBytes(await sequential([input([3]), there]).toBytes());
    const y = (await (await model.predict({ data: values, shape: [ROWS, 3] })).data()) as Float32Array;
    for (const c of [0, 1, 2]) {
      const column = y.filter((_, i) => i % 3 === c);
      // An ulp of 6e-5 at 1000, relative to a deviation of about 0.6.
      expect(Math.abs(meanOf(column))).toBeLessThan(1e-4);
      expect(Math.abs(varianceOf(column) - 1)).toBeLessThan(1e-3);
    }
    const restored = await sequential([input([3]), back]).predict({ data: y, shape: [ROWS, 3] });
    expectClose((await restored.data()) as Float32Array, values, 1e-6);
  });

  it.each([
    [null, [], [Array.from(values)]],
    [1, [2], [0, 1].map((step) => Array.from(values).filter((_, i) => Math.floor(i / 3) % 2 === step))],
    [[2, 1], [2, 3], [0, 1, 2, 3, 4, 5].map((place) => Array.from(values).filter((_, i) => i % 6 === place))],
  ] as const)("keeps statistics of the axes %j", async (axis, shape, groups) => {
    const layer = normalization({ axis });
    await layer.adapt({ data: values, shape: [ROWS / 2, 2, 3] });
    expect(layer.variables[0]!.shape).toEqual(shape);
    expectClose((await layer.variables[0]!.read()) as Float32Array, groups.map(meanOf), MEAN_TOLERANCE);
    expectClose((await layer.variables[1]!.read()) as Float32Array, groups.map(varianceOf), 1e-6);
  });

  it("is not trained", async () => {
    const layer = normalization();
    await layer.adapt(nested);
    const before = await Promise.all(layer.variables.map((variable) => variable.read()));
    const model = sequential([input([3]), layer, dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "meanSquaredError" });
    await model.fit({ x: nested, y: nested.map(() => [1]) }, { epochs: 2, verbose: "silent" });
    expect(await Promise.all(layer.variables.map((variable) => variable.read()))).toEqual(before);
  });

  it("stretches a constant feature by no more than 1e7", async () => {
    const layer = normalization();
    await layer.adapt([[5, 1], [5, 2]]);
    const y = await sequential([input([2]), layer]).predict([[5, 1.5], [6, 1.5]]);
    expectClose((await y.data()) as Float32Array, [0, 0, 1e7, 0], 1e-6);
  });

  it("refuses half of the statistics, the batch axis, and data that does not fit", async () => {
    expect(mistake(() => normalization({ mean: 1 })).where).toBe("normalization, option variance");
    expect(mistake(() => normalization({ mean: [1], variance: [1, 2] })).where).toBe("normalization, option variance");
    expect(mistake(() => normalization({ axis: 0 })(input([3]))).where).toMatch(/option axis$/);
    await expect(normalization().adapt([1, 2, 3])).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(normalization().adapt([])).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(normalization({ mean: 0, variance: 1 }).adapt(nested)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(normalization().adapt(fromArrays({ inputs: nested }), { column: "z" })).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
    await expect(dense({ units: 1 }).adapt(nested)).rejects.toMatchObject({ code: "UNSUPPORTED", where: "dense, adapt" });
    const built = normalization();
    built(input([2]));
    await expect(built.adapt(nested)).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
  });
});
