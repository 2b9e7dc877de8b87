import { describe, expect, it } from "vitest";
import { grad } from "../autodiff/index.js";
import { dataTensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import * as all from "./all.js";
import * as activations from "./index.js";

const X = [-4, -1.5, -0.5, -0.1, 0.2, 0.7, 2.5, 8];

/** Values at X, computed by Keras 3.15 with default options. */
const KERAS: Readonly<Record<keyof typeof all, readonly number[]>> = {
  celu: [-0.981684, -0.77687, -0.393469, -0.0951626, 0.2, 0.7, 2.5, 8],
  elu: [-0.981684, -0.77687, -0.393469, -0.0951626, 0.2, 0.7, 2.5, 8],
  exponential: [0.0183156, 0.22313, 0.606531, 0.904837, 1.2214, 2.01375, 12.1825, 2980.96],
  gelu: [-0.000126481, -0.100211, -0.154269, -0.0460172, 0.115852, 0.530625, 2.48448, 8],
  glu: [-2.19934, -1.00228, -0.462071, -0.0999665],
  hardShrink: [-4, -1.5, 0, 0, 0, 0.7, 2.5, 8],
  hardSigmoid: [0, 0.25, 0.416667, 0.483333, 0.533333, 0.616667, 0.916667, 1],
  hardSilu: [0, -0.375, -0.208333, -0.0483333, 0.106667, 0.431667, 2.29167, 8],
  hardTanh: [-1, -1, -0.5, -0.1, 0.2, 0.7, 1, 1],
  leakyRelu: [-0.8, -0.3, -0.1, -0.02, 0.2, 0.7, 2.5, 8],
  linear: X,
  logSigmoid: [-4.01815, -1.70141, -0.974077, -0.744397, -0.598139, -0.403186, -0.0788897, -0.000335406],
  logSoftmax: [-12.0057, -9.50574, -8.50574, -8.10574, -7.80574, -7.30574, -5.50574, -0.00574355],
  mish: [-0.0725917, -0.2981, -0.220744, -0.0567886, 0.132599, 0.561148, 2.47139, 8],
  relu: [0, 0, 0, 0, 0.2, 0.7, 2.5, 8],
  relu6: [0, 0, 0, 0, 0.2, 0.7, 2.5, 6],
  selu: [-1.7259, -1.36581, -0.691758, -0.167305, 0.21014, 0.735491, 2.62675, 8.40561],
  sigmoid: [0.0179862, 0.182426, 0.377541, 0.475021, 0.549834, 0.668188, 0.924142, 0.999665],
  silu: [-0.0719448, -0.273638, -0.18877, -0.0475021, 0.109967, 0.467731, 2.31035, 7.99732],
  softShrink: [-3.5, -1, 0, 0, 0, 0.2, 2, 7.5],
  softmax: [6.10902e-6, 7.44231e-5, 0.000202303, 0.000301801, 0.000407388, 0.00067167, 0.00406337, 0.994273],
  softplus: [0.0181499, 0.201413, 0.474077, 0.644397, 0.798139, 1.10319, 2.57889, 8.00034],
  softsign: [-0.8, -0.6, -0.333333, -0.0909091, 0.166667, 0.411765, 0.714286, 0.888889],
  sparsePlus: [0, 0, 0.0625, 0.2025, 0.36, 0.7225, 2.5, 8],
  sparseSigmoid: [0, 0, 0.25, 0.45, 0.6, 0.85, 1, 1],
  sparsemax: [0, 0, 0, 0, 0, 0, 0, 1],
  squareplus: [0.236068, 0.5, 0.780776, 0.951249, 1.10499, 1.40948, 2.85078, 8.12311],
  tanh: [-0.999329, -0.905148, -0.462117, -0.099668, 0.197375, 0.604368, 0.986614, 1],
  tanhShrink: [-3.00067, -0.594852, -0.0378828, -0.000332005, 0.00262468, 0.0956322, 1.51339, 7],
  threshold: [0, 0, 0, 0, 0.2, 0.7, 2.5, 8],
};

/** The stored values have six digits; float32 leaves the absolute part. */
function expectClose(got: ArrayLike<number | bigint>, want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(Number(got[i]) - value), `element ${i}: ${got[i]}, not ${value}`).toBeLessThan(1e-6 + 1e-5 * Math.abs(value));
  });
}

const names = Object.keys(KERAS) as (keyof typeof all)[];

describe("activations", () => {
  it.each(names)("%s gives Keras's values", async (name) => {
    expectClose(await activations.get(name).call(dataTensor(X)).data(), KERAS[name]);
  });

  it.each(names)("%s has the slope of its own values, and no NaN far out", async (name) => {
    const call = (x: Tensor): Tensor => activations.get(name).call(x);
    const weigh = (y: Tensor): Tensor => y.mul(dataTensor(Float32Array.from({ length: y.size }, (_, i) => 1 + (i % 3)))).sum();
    // Away from corners, where a central difference means nothing.
    const at = [-3.3, -1.4, -0.6, -0.15, 0.25, 0.8, 2.2, 3.7];
    const slopes = await grad((x: Tensor) => weigh(call(x)))(dataTensor(at)).data();
    // Wide enough that float32's rounding of the values, 1e-6, weighs less than the curvature.
    const h = 0.01;
    for (const [i, slope] of [...slopes].entries()) {
      const moved = async (by: number): Promise<number> => weigh(call(dataTensor(at.map((x, j) => (i === j ? x + by : x))))).item();
      const difference = ((await moved(h)) - (await moved(-h))) / (2 * h);
      expect(Math.abs(Number(slope) - difference)).toBeLessThan(0.01 + 0.002 * Math.abs(difference));
    }
    const far = await grad((x: Tensor) => call(x).sum())(dataTensor([-200, -60, 60, 200])).data();
    // e²⁰⁰ is infinite in float32, as its slope is.
    expect([...far].some((slope) => Number.isNaN(Number(slope)))).toBe(false);
  });

  it("takes Keras's options", async () => {
    const x = dataTensor(X);
    expectClose(await activations.relu(x, { negativeSlope: 0.1, maxValue: 5, threshold: 1 }).data(), [-0.5, -0.25, -0.15, -0.11, -0.08, -0.03, 2.5, 5]);
    expectClose(await activations.threshold(x, { threshold: 0.5, defaultValue: -1 }).data(), [-1, -1, -1, -1, -1, 0.7, 2.5, 8]);
    const approximate = [-0.00007021427, -0.10042843, -0.154286, -0.04601725, 0.1158514, 0.5305701, 2.4849157, 8];
    expectClose(await activations.gelu(x, { approximate: true }).data(), approximate);
    expectClose(await activations.softmax(dataTensor([[0, 1], [0, 3]]), { axis: 0 }).data(), [0.5, 0.119203, 0.5, 0.880797]);
  });

  it("gives Keras's sparsemax where several elements are in the support, and its slope", async () => {
    const rows = [[1, 0.9, -2], [0.1, 0.1, 0], [-1, -1.2, -0.9]];
    expectClose(await activations.sparsemax(dataTensor(rows)).data(), [0.05, 0, 0, 0.2666667, 0.2666667, 0.1666667, 1.3, 1.1, 1.4]);
    const columns = dataTensor([[1, 0.1, -1], [0.9, 0.1, -1.2], [-2, 0, -0.9]]);
    expectClose(await activations.sparsemax(columns, { axis: 0 }).data(), [0.05, 0.2666667, 1.3, 0, 0.2666667, 1.1, 0, 0.1666667, 1.4]);
    // τ = (C₁ + C₂ + C₃ − 1) / 3 has the slopes 1, 2/3 and 1/3 by rank; R is 1, 2, 4 for ranks 2, 3, 1.
    const slope = grad((x: Tensor) => activations.sparsemax(x).mul(dataTensor([1, 2, 4])).sum())(dataTensor([-1, -1.2, -0.9]));
    expectClose(await slope.data(), [1 - (7 * 2) / 3, 2 - 7 / 3, 4 - 7]);
  });

  it("finds a name in every spelling, and functions by identity", () => {
    for (const spelling of ["leakyRelu", "leaky_relu", "LeakyReLU"]) expect(activations.get(spelling).name).toBe("leakyRelu");
    expect(activations.get("swish").name).toBe("silu");
    expect(activations.get(null).name).toBe("linear");
    expect(activations.serialize(activations.gelu)).toBe("gelu");
    expect(activations.deserialize("hard_silu").name).toBe("hardSilu");
  });

  it("refuses unknown names with the nearest one, and to store unnamed functions", () => {
    expect(() => activations.get("rellu")).toThrow(/did you mean "relu"/);
    expect(() => activations.serialize((x: Tensor) => x.sin())).toThrow(/register/);
  });

  it("does not take a function for the built-in of its name", async () => {
    const relu = (x: Tensor): Tensor => x.sin();
    for (const own of [relu, { name: "relu", call: relu }]) {
      expect(() => activations.serialize(own)).toThrow(expect.objectContaining({ code: "UNSUPPORTED", where: 'activation "relu"' }));
    }
    activations.register("reluForTest", activations.relu);
    expect(activations.serialize(activations.relu)).toBe("relu");
    expect(activations.serialize(activations.get("reluForTest"))).toBe("relu");
    const softplus6 = (x: Tensor): Tensor => x.softplus().minimum(6);
    activations.register("softplus6ForTest", softplus6);
    expect(activations.serialize(softplus6)).toBe("softplus6ForTest");
  });

  it("stores functions of one's own once they have a name", async () => {
    const stored = activations.serialize(activations.register("sineForTest", (x) => x.sin()));
    expectClose(await activations.deserialize(stored).call(dataTensor([1])).data(), [Math.sin(1)]);
    expect(() => activations.register("sine_for_test", (x) => x)).toThrow(/registered already/);
  });
});
