import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { callbacks, layers, losses, sequential } from "nacre";
import { csv } from "nacre/data";
import { classNames } from "./classNames.js";

// Makes the files that the page loads: the network, and scans to compare drawings with.
const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const digits = await csv(file("data/digits.csv"), { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
const { train, test } = await digits.split({ test: 0.2, stratify: true, seed: 1 });
const compile = { optimizer: "adam", loss: losses.sparseCategoricalCrossentropy(), metrics: ["accuracy"] } as const;

const model = sequential([
  layers.input([8, 8, 1]),
  // Drawings are not scans: noise keeps the network from trusting single dots.
  layers.gaussianNoise({ stddev: 0.1 }),
  layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }),
  layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
  layers.maxPooling2d(),
  layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
  layers.flatten(),
  layers.dropout({ rate: 0.4 }),
  layers.dense({ units: 10, activation: "softmax" }),
  classNames({ names: Array.from({ length: 10 }, (_, digit) => String(digit)) }),
]).compile(compile);
await model.fit(train, {
  epochs: 60,
  batchSize: 32,
  validation: 0.1,
  seed: 1,
  callbacks: [callbacks.earlyStopping({ patience: 8, restoreBestWeights: true })],
});
const { accuracy } = await model.evaluate(test);
console.log(`Held-out accuracy ${(accuracy * 100).toFixed(1)} %.`);
assert(accuracy >= 0.975, `held-out accuracy ${accuracy} is too low`);

// Compiled anew, the model forgets the state of its optimizer, which would triple the file.
const bytes = await model.compile(compile).toBytes();
assert(bytes.length < 300_000, `${bytes.length} bytes are too many for a page`);
await writeFile(file("browser/public/digits.nacre"), bytes);

// 60 scans of each digit, 65 bytes each: the label, then the ink in sixteenths.
const PER_CLASS = 60;
const pictures = (await train.column("input")).data as Float32Array;
const labels = (await train.column("label")).data;
const taken = Array.from({ length: 10 }, () => 0);
const scans: number[] = [];
for (let row = 0; row < labels.length; row++) {
  const label = Number(labels[row]);
  if (taken[label]! >= PER_CLASS) continue;
  taken[label]! += 1;
  scans.push(label, ...pictures.slice(row * 64, (row + 1) * 64).map((ink) => ink * 16));
}
await writeFile(file("browser/public/scans.bin"), Uint8Array.from(scans));
console.log(`${bytes.length} bytes of network, ${scans.length} bytes of scans.`);
