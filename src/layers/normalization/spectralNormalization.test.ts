import { describe, expect, it } from "vitest";
import { Model } from "../../models/model.js";
import { sgd } from "../../optimizers/index.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { conv2d } from "../convolution/conv.js";
import { dense } from "../core/dense.js";
import { embedding } from "../core/embedding.js";
import { input } from "../core/input.js";
import { flatten } from "../shape/flatten.js";
import { spectralNormalization } from "./spectralNormalization.js";

// The gradient is the assigned kernel's, not that of the division, so that differences tell nothing.
const common = { trainingDiffers: true, differences: "none" } as const;

layerTest((extra) => spectralNormalization({ layer: dense({ units: 3, name: "inside" }), ...extra }), [{ shape: [4] }], {
  output: [3],
  weights: { vectorU: [1, 3], "inside/kernel": [4, 3], "inside/bias": [3] },
  refused: [[[5]]],
  ...common,
});

layerTest((extra) => spectralNormalization({ layer: conv2d({ filters: 2, kernelSize: 2, useBias: false }), powerIterations: 2, ...extra }), [{ shape: [3, 3, 1] }], {
  title: "SpectralNormalization of a convolution",
  output: [2, 2, 2],
  weights: { vectorU: [1, 2], "conv2d/kernel": [2, 2, 1, 2] },
  refused: [[[3, 3, 2]]],
  ...common,
});

layerTest((extra) => spectralNormalization({ layer: embedding({ inputDim: 5, outputDim: 3 }), ...extra }), [{ shape: [4], ids: 5 }], {
  title: "SpectralNormalization of an embedding",
  output: [4, 3],
  weights: { vectorU: [1, 3], "embedding/embeddings": [5, 3] },
  refused: [],
  ...common,
});

describe("SpectralNormalization", () => {
  function probe(powerIterations: number) {
    const x = input([2]);
    const inside = dense({ units: 3 });
    const layer = spectralNormalization({ layer: inside, powerIterations });
    const model = new Model({ inputs: x, outputs: layer(x) });
    model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: "meanAbsoluteError" });
    const [u, kernel, bias] = layer.variables;
    u!.assign([0.1, -0.2, 0.3]);
    kernel!.assign([1, 2, 3, 4, 5, 7]);
    bias!.assign([0.1, 0.2, 0.3]);
    return { model, u: u!, kernel: kernel! };
  }

  const batch = { x: [[1, 2], [-1, 0.5]], y: [[9, 9, 9], [9, 9, 9]] };

  it("assigns kernel and vector in a training step, before the optimizer's update", async () => {
    const { model, u, kernel } = probe(2);
    await model.trainOnBatch(batch);
    // Keras 3.15 assigns these; the loss's gradient is then −(0, 2.5) / 6 by rows, at rate 0.5.
    const assigned = [0.09821761, 0.19643523, 0.29465285, 0.39287046, 0.4910881, 0.6875233];
    expectClose((await kernel.read()) as Float32Array, assigned.map((w, i) => w + (i < 3 ? 0 : 1.25 / 6)), 1e-6);
    expectClose((await u.read()) as Float32Array, [0.4016894, 0.52889985, 0.7476032], 1e-6);
  });

  it("brings the largest singular value to 1", async () => {
    const { model, kernel } = probe(30);
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: "meanAbsoluteError" });
    await model.trainOnBatch(batch);
    const [a, b, c, d, e, f] = (await kernel.read()) as unknown as [number, number, number, number, number, number];
    // The larger eigenvalue of the 2 × 2 matrix W Wᵀ.
    const [p, q, r] = [a * a + b * b + c * c, a * d + b * e + c * f, d * d + e * e + f * f];
    expectClose([(p + r) / 2 + Math.sqrt(((p - r) / 2) ** 2 + q * q)], [1], 1e-6);
  });

  it("uses the kernel as it is outside of training, and leaves a kernel of zeros alone", async () => {
    const { model, kernel } = probe(1);
    expectClose((await (await model.predict([[1, 0]])).data()) as Float32Array, [1.1, 2.2, 3.3], 1e-6);
    kernel.assign(new Float32Array(6));
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: "meanAbsoluteError" });
    await model.trainOnBatch(batch);
    expect(await kernel.read()).toEqual(new Float32Array(6));
  });

  it("refuses what is no layer, and layers without a kernel", () => {
    expect(mistake(() => spectralNormalization({ layer: "dense" as never })).where).toBe("spectralNormalization, option layer");
    expect(mistake(() => spectralNormalization({ layer: flatten() })(input([2]))).where).toMatch(/, option layer$/);
    expect(mistake(() => spectralNormalization({ layer: dense({ units: 1 }), powerIterations: 0 })).where).toMatch(/powerIterations$/);
  });
});
