import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";

await mkdir("out", { recursive: true });
// The README shows what stands between the two marks.
// <readme>
import { layers, load, losses, sequential } from "nacre";
import { csv } from "nacre/data";

const epochs = process.argv.includes("--fast") ? 8 : 30;
const digits = await csv("examples/data/digits.csv", { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
const { train, test } = await digits.split({ test: 0.2, stratify: true, seed: 1 });

const model = sequential([
  layers.input([8, 8, 1]),
  layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
  layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
  layers.maxPooling2d(),
  layers.flatten(),
  layers.dropout({ rate: 0.3 }),
  layers.dense({ units: 10, activation: "softmax" }),
]).compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy(), metrics: ["accuracy"] });

await model.fit(train, { epochs, batchSize: 32, validation: 0.1, seed: 1 });
const { accuracy } = await model.evaluate(test);
await model.save("out/quickstart.nacre"); // weights, optimizer and random state: training can go on
await model.export("out/quickstart.onnx"); // runs in any ONNX runtime
const probabilities = await (await load("out/quickstart.nacre")).predict(test);
// </readme>
console.log(`Held-out accuracy ${(accuracy * 100).toFixed(1)} %.`);
assert(accuracy >= (epochs < 30 ? 0.9 : 0.97), `held-out accuracy ${accuracy} is too low`);
assert.deepEqual(probabilities.shape, [test.length, 10]);
