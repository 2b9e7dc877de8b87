import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { importOnnx, layers, losses, type Model, optimizers, sequential } from "nacre";
import { csv, type Dataset } from "nacre/data";
import { quantize } from "nacre/ship";

/**
 * A convnet that PyTorch made is taught what it has never seen, from 200 labelled rows.
 *
 * examples/data/half-digits.onnx tells the digits 0 to 4 apart. scripts/onnx/halfDigits.py trained it on
 * the first 1,000 rows of the file of digits: with the labels of the 503 that are 0 to 4, and with all of
 * them without labels. None of these rows is used here; of no 5, 6, 7, 8 or 9 has it seen a label.
 * From the other 797 rows come, by seed, 200 to train on and 597 to judge by. There the network with its
 * first two convolutions frozen and a new head for ten digits is compared with one of the same layers that
 * starts from nothing: same rows, same number of epochs, and for each the best of the same learning rates
 * on average over all seeds. (That choice sees the rows to judge by, which flatters both alike.)
 */
const fast = process.argv.includes("--fast");
const SEEDS = fast ? [1, 3] : [1, 2, 3, 4, 5];
// What the full run chooses for both.
const RATES = fast ? [0.01] : [0.001, 0.003, 0.01];
const EPOCHS = 40;
const TRAINED_ROWS = 200;
const PRETRAINING_ROWS = 1000;

await mkdir("out", { recursive: true });
const digits = await csv("examples/data/digits.csv", { label: "label", shape: [1, 8, 8], scale: 1 / 16 });
const unseen = await digits.skip(PRETRAINING_ROWS).cache();

/** The imported network up to what its head took, with a new head; what the first two convolutions know stays. */
async function finetuned(seed: number): Promise<Model> {
  const imported = await importOnnx("examples/data/half-digits.onnx");
  const model = imported.replaceHead({ at: "/head/relu/Relu", head: layers.dense({ units: 10, name: "digits" }), seed });
  model.freeze(/features\.conv[12]/);
  return model;
}

/** The same layers, all drawn anew. */
function fresh(seed: number): Model {
  const conv = (filters: number): ReturnType<typeof layers.conv2d> => layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" });
  return sequential(
    [
      layers.input([1, 8, 8]),
      layers.permute({ dims: [2, 3, 1] }), // channels come last here, first in PyTorch
      conv(16),
      conv(32),
      layers.maxPooling2d(),
      conv(64),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 64, activation: "relu" }),
      layers.dense({ units: 10 }),
    ],
    { seed },
  );
}

async function train(model: Model, rows: Dataset, learningRate: number, seed: number): Promise<void> {
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), metrics: ["accuracy"] });
  await model.fit(rows, { epochs: EPOCHS, batchSize: 32, seed, verbose: "silent" });
}

/** The accuracy of each seed, with the learning rate that is best on average. */
async function judge(name: string, make: (seed: number) => Model | Promise<Model>): Promise<{ accuracies: number[]; rate: number }> {
  const found: { accuracies: number[]; rate: number }[] = [];
  for (const rate of RATES) {
    const accuracies: number[] = [];
    for (const seed of SEEDS) {
      const { train: rows, test } = await unseen.split({ test: 1 - TRAINED_ROWS / unseen.length!, stratify: true, seed });
      const model = await make(seed);
      await train(model, rows, rate, seed);
      accuracies.push(Number((await model.evaluate(test))["accuracy"]));
    }
    found.push({ accuracies, rate });
  }
  const best = found.reduce((a, b) => (mean(b.accuracies) > mean(a.accuracies) ? b : a));
  console.log(`${name.padEnd(12)} ${(100 * mean(best.accuracies)).toFixed(2)} % at a learning rate of ${best.rate}: ${best.accuracies.map((value) => (100 * value).toFixed(1)).join(", ")}`);
  return best;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// What the file holds, node by node.
await (await importOnnx("examples/data/half-digits.onnx")).inspect({ print: console.log });

console.log(`\nAccuracy on held-out rows, ${SEEDS.length} times ${TRAINED_ROWS} rows, ${EPOCHS} epochs:`);
const scratch = await judge("from nothing", fresh);
const tuned = await judge("fine-tuned", finetuned);

// One of the fine-tuned networks goes out into the world.
const { train: rows, test } = await unseen.split({ test: 1 - TRAINED_ROWS / unseen.length!, stratify: true, seed: 1 });
const model = await finetuned(1);
const kernel = model.variables.find(({ name }) => name === "features.conv1.weight")!;
const before = await kernel.read();
await train(model, rows, tuned.rate, 1);
assert.deepEqual(await kernel.read(), before, "frozen weights have changed");
await model.export("out/finetuned.onnx");
const report = await quantize(model, { kind: "int8", calibration: rows, evaluate: test, maxLoss: { accuracy: 0.02 }, path: "out/finetuned.int8.onnx" });
console.log(`\nout/finetuned.onnx and out/finetuned.int8.onnx:\n${String(report)}`);

// What both have in common is the draw of rows: it is their differences that count.
const gains = tuned.accuracies.map((accuracy, i) => accuracy - scratch.accuracies[i]!);
console.log(`\nFine-tuning gives ${(100 * mean(gains)).toFixed(2)} points more; per seed ${gains.map((gain) => (100 * gain).toFixed(1)).join(", ")}.`);
assert(mean(tuned.accuracies) >= 0.94, "the fine-tuned network should know 94 % of the rows");
assert(mean(gains) > 0, "fine-tuning should beat training from nothing");
assert(report.size.after < 0.5 * report.size.before, "8-bit weights should take less than half the space");
