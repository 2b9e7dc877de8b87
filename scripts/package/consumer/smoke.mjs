import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { fromBytes, grad, layers, load, sequential, tensor } from "nacre";
import { fromArrays } from "nacre/data";
import { classificationReport } from "nacre/evaluate";

// A little of everything that touches the platform: engine, files, threads, and both module systems.
const slope = await grad((x) => x.square().sum())(tensor([1, -2])).data();
assert.deepEqual([...slope], [2, -4]);

const inputs = Array.from({ length: 64 }, (_, i) => [i % 2, (i >> 1) % 2]);
const labels = Int32Array.from(inputs, ([a, b]) => a ^ b);
const data = fromArrays({ inputs, labels });
const model = sequential([layers.input([2]), layers.dense({ units: 8, activation: "tanh" }), layers.dense({ units: 2, activation: "softmax" })]).compile({
  optimizer: "adam",
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
});
const { logs } = await model.fit(data, { epochs: 3, seed: 1, verbose: "silent" });
assert(logs.loss.at(-1) < logs.loss[0]);

const before = await (await model.predict(inputs)).data();
await model.save("smoke.nacre");
await model.export("smoke.onnx");
const loaded = [await load("smoke.nacre"), await fromBytes(await model.toBytes())];
for (const again of loaded) assert.deepEqual(await (await again.predict(inputs)).data(), before);
classificationReport({ labels: [...labels], probabilities: before, classNames: ["same", "different"] });

assert.equal(createRequire(import.meta.url)("nacre").sequential, sequential);
console.log(`works in Node ${process.version}`);
