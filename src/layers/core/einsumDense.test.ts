import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { expectClose, floats, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { meanOf, varianceOf } from "../../testing/statistics.js";
import { einsumDense } from "./einsumDense.js";
import { input } from "./input.js";

layerTest((extra) => einsumDense({ equation: "btc,chd->bthd", outputShape: [null, 2, 2], biasAxes: "hd", activation: "tanh", ...extra }), [{ shape: [3, 2] }], {
  output: [3, 2, 2],
  weights: { kernel: [2, 2, 2], bias: [2, 2] },
  refused: [[[3, 3]], [[2]]],
});

layerTest((extra) => einsumDense({ equation: "...c,cd->...d", outputShape: 3, biasAxes: "d", ...extra }), [{ shape: [2, 4] }], {
  title: "EinsumDense with dots",
  output: [2, 3],
  weights: { kernel: [4, 3], bias: [3] },
  refused: [[[2, 3]]],
});

layerTest((extra) => einsumDense({ equation: "bc...,cd->bd...", outputShape: 3, biasAxes: "d", ...extra }), [{ shape: [2, 4] }], {
  title: "EinsumDense with dots at the end",
  output: [3, 4],
  weights: { kernel: [2, 3], bias: [3, 1] },
  refused: [[[3, 4]]],
});

layerTest((extra) => einsumDense({ equation: "btc,tcd->btd", outputShape: [3, 2], ...extra }), [{ shape: [3, 2] }], {
  title: "EinsumDense with a kernel for each step",
  output: [3, 2],
  weights: { kernel: [3, 2, 2] },
  refused: [[[2, 2]]],
});

describe("EinsumDense", () => {
  it("sums what the equation says", async () => {
    const x = input([2, 3]);
    const layer = einsumDense({ equation: "btc,chd->bthd", outputShape: [null, 2, 2], biasAxes: "h" });
    const model = new Model({ inputs: x, outputs: layer(x) });
    const [kernel, bias, data] = [floats(12, 1), floats(2, 2), floats(6, 3)];
    layer.variables[0]!.assign(kernel);
    expect(layer.variables[1]!.shape).toEqual([2, 1]);
    layer.variables[1]!.assign(bias);
    const wanted = Array.from({ length: 8 }, (_, i) => {
      const [t, h, d] = [Math.floor(i / 4), Math.floor(i / 2) % 2, i % 2];
      return [0, 1, 2].reduce((sum, c) => sum + data[t * 3 + c]! * kernel[c * 4 + h * 2 + d]!, bias[h]!);
    });
    // Three products of numbers in (−1, 1).
    expectClose((await (await model.predict({ data, shape: [1, 2, 3] })).data()) as Float32Array, wanted, 1e-6);
  });

  it("draws its kernel by the fans of the equation", async () => {
    const x = input([40]);
    const layer = einsumDense({ equation: "bc,chd->bhd", outputShape: [20, 10] });
    const model = new Model({ inputs: x, outputs: layer(x) });
    model.initialize(1);
    const kernel = (await layer.variables[0]!.read()) as Float32Array;
    // Glorot: 2 / (40 + 200). Of 8000 uniform draws the variance deviates by √(0.8 / 8000) = 1 % of
    // itself; a correct layer is beyond 5 deviations in 6 of 10⁷ seeds, and the seed here is fixed.
    expect(Math.abs(varianceOf(kernel) * 120 - 1)).toBeLessThan(0.05);
    expect(Math.abs(meanOf(kernel))).toBeLessThan(5 * Math.sqrt(1 / 120 / 8000));
  });

  it.each([
    ["ab,bc", 2, undefined, "equation"],
    ["...ab,bc->ac", 2, undefined, "equation"],
    ["...a...,ab->...b...", 2, undefined, "equation"],
    ["ab,bcz->ac", 2, undefined, "equation"],
    ["ab,bc->acz", 2, undefined, "equation"],
    ["ab,bc->ac", 0.5, undefined, "outputShape"],
  ])("refuses %s for %j", (equation, outputShape, biasAxes, option) => {
    const error = mistake(() => einsumDense({ equation, outputShape, biasAxes: biasAxes ?? null }));
    expect(error).toMatchObject({ code: "BAD_ARGUMENT", where: `einsumDense, option ${option}` });
  });

  it.each([
    ["ab,bc->ac", [2, 2], null, "outputShape"],
    ["ab,bc->ac", [null], null, "outputShape"],
    ["abc,cd->abd", [5, 2], null, "outputShape"],
    ["ab,bc->ac", [2], "z", "biasAxes"],
    ["ab,bc->ac", [2], "a", "biasAxes"],
  ])("refuses %s for %j with a bias of %s when it is built", (equation, outputShape, biasAxes, option) => {
    const x = input(equation.startsWith("abc") ? [3, 4] : [4]);
    expect(mistake(() => einsumDense({ equation, outputShape, biasAxes })(x)).where).toMatch(new RegExp(`option ${option}$`));
  });
});
