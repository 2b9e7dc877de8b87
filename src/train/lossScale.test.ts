import { expect, it } from "vitest";
import "../testing/engine.js";
import { layers, type Model, optimizers, sequential } from "../index.js";
import { keyOf, normals } from "../random/host.js";

const data = { x: { shape: [12, 3], data: normals(keyOf(1), 36) }, y: { shape: [12, 2], data: normals(keyOf(2), 24) } };

function network(lossScaleFactor: number | null, learningRate = 0.1): Model {
  return sequential([layers.input([3]), layers.dense({ units: 2, useBias: false, kernelInitializer: "ones" })]).compile({
    optimizer: optimizers.sgd({ learningRate, lossScaleFactor }),
    loss: "mse",
  });
}

const kernelOf = async (model: Model): Promise<readonly number[]> => Array.from((await model.variables[0]!.read()) as Float32Array);

it("a loss scale leaves results and weights as they are", async () => {
  // A power of two is exact in floating point, so equal to the bit.
  const [plain, scaled] = [network(null), network(1024)];
  const [a, b] = await Promise.all([plain, scaled].map((model) => model.fit(data, { epochs: 3, batchSize: 4, verbose: "silent" })));
  expect(b).toEqual(a);
  expect(await kernelOf(scaled)).toEqual(await kernelOf(plain));
});

it("a loss scale reaches the gradients", async () => {
  // Times 2¹²⁷ most gradients overflow, so that weights are no numbers any more; divided without having been multiplied they would stay.
  const model = network(2 ** 127);
  await model.fit({ x: [[9, 9, 9]], y: [[0, 0]] }, { verbose: "silent" });
  expect((await kernelOf(model)).every((value) => Number.isFinite(value))).toBe(false);
  expect(() => optimizers.sgd({ lossScaleFactor: 0 })).toThrow(/above 0/);
});
