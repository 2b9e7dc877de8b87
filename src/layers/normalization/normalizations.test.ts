import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { expectClose, floats, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf, varianceOf } from "../../testing/statistics.js";
import { input } from "../core/input.js";
import { groupNormalization } from "./groupNormalization.js";
import { rmsNormalization } from "./rmsNormalization.js";
import { unitNormalization } from "./unitNormalization.js";

layerTest((extra) => groupNormalization({ groups: 2, ...extra }), [{ shape: [3, 4] }], {
  output: [3, 4],
  weights: { gamma: [4], beta: [4] },
  refused: [[[3, 6]]],
});

layerTest((extra) => groupNormalization({ groups: -1, axis: 1, scale: false, ...extra }), [{ shape: [2, 3, 2] }], {
  title: "GroupNormalization of each channel, channels first, without gamma",
  output: [2, 3, 2],
  weights: { beta: [2] },
  refused: [[[3, 3, 2]]],
});

layerTest((extra) => rmsNormalization(extra), [{ shape: [2, 4] }], { output: [2, 4], weights: { scale: [4] }, refused: [[[2, 3]]] });

layerTest((extra) => rmsNormalization({ axis: [1, 2], ...extra }), [{ shape: [2, 3] }], {
  title: "RMSNormalization over two axes",
  output: [2, 3],
  weights: { scale: [2, 3] },
  refused: [[[3, 3]], [[2]]],
});

layerTest((extra) => unitNormalization({ axis: [1, -1], ...extra }), [{ shape: [3, 2] }], { output: [3, 2], refused: [] });

describe("GroupNormalization", () => {
  it("brings each group of each sample to mean 0 and variance 1", async () => {
    const model = sequential([input([8, 4]), groupNormalization({ groups: 2, epsilon: 1e-6 })]);
    const y = (await (await model.predict({ data: floats(64, 3).map((v) => 5 + 3 * v), shape: [2, 8, 4] })).data()) as Float32Array;
    for (const sample of [0, 1]) {
      for (const group of [0, 1]) {
        const values = y.filter((_, i) => Math.floor(i / 32) === sample && Math.floor((i % 4) / 2) === group);
        expect(values.length).toBe(16);
        // Rounding at a mean of 5, relative to a spread of about 1.7; ε takes less than 1e-6.
        expect(Math.abs(meanOf(values))).toBeLessThan(1e-5);
        expect(Math.abs(varianceOf(values) - 1)).toBeLessThan(1e-5);
      }
    }
  });

  it("refuses groups that do not divide the channels, and the batch axis", () => {
    expect(mistake(() => groupNormalization({ groups: 4 })(input([6])))).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(mistake(() => groupNormalization()(input([16])))).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(mistake(() => groupNormalization({ groups: 0 })).where).toBe("groupNormalization, option groups");
    expect(mistake(() => groupNormalization({ groups: 1, axis: 0 })(input([6]))).where).toMatch(/option axis$/);
  });
});

describe("lengths", () => {
  it.each([
    // √(mean(9, 16)) = √12.5.
    [rmsNormalization(), [[3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5)], [0, 0]]],
    [unitNormalization(), [[0.6, 0.8], [0, 0]]],
  ])("%s", async (layer, wanted) => {
    const y = await sequential([input([2]), layer]).predict([[3, 4], [0, 0]]);
    // ε of 1e-6 beside 12.5.
    expectClose((await y.data()) as Float32Array, wanted.flat(), 1e-6);
  });
});
