import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { expectClose, floats } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf, varianceOf } from "../../testing/statistics.js";
import { input } from "../core/input.js";
import { layerNormalization } from "./layerNormalization.js";

layerTest((extra) => layerNormalization(extra), [{ shape: [2, 5] }], {
  output: [2, 5],
  weights: { gamma: [5], beta: [5] },
  refused: [[[2, 4]]],
});

layerTest((extra) => layerNormalization({ axis: [1, 2], center: false, ...extra }), [{ shape: [3, 2] }], {
  title: "LayerNormalization over two axes, without beta",
  output: [3, 2],
  weights: { gamma: [3, 2] },
  refused: [[[2, 2]], [[3]]],
});

describe("LayerNormalization", () => {
  it("has weights in the order of Keras's sorted axes, and reads them in the input's", async () => {
    const layer = layerNormalization({ axis: [1, -1], center: false });
    const model = sequential([input([2, 3]), layer]);
    expect(layer.variables.map(({ shape }) => shape)).toEqual([[3, 2]]);
    layer.variables[0]!.assign([0, 1, 2, 3, 4, 5]);
    const y = (await (await model.predict([[[-1, 1, -1], [1, -1, 1]]])).data()) as Float32Array;
    // Mean 0 and variance 1; ε takes 0.0005.
    expectClose(y, [-0, 1, -2, 3, -4, 5].map((value) => value / Math.sqrt(1.001)), 1e-6);
  });

  it("brings each sample to mean 0 and variance 1", async () => {
    const model = sequential([input([16]), layerNormalization({ epsilon: 1e-6 })]);
    const y = (await (await model.predict(floats(64, 3).map((value) => 5 + 3 * value))).data()) as Float32Array;
    for (let row = 0; row < 4; row++) {
      const sample = y.slice(row * 16, row * 16 + 16);
      // Rounding at a mean of 5, relative to a spread of about 1.7; ε takes less than 1e-6.
      expect(Math.abs(meanOf(sample))).toBeLessThan(1e-5);
      expect(Math.abs(varianceOf(sample) - 1)).toBeLessThan(1e-5);
    }
  });
});
