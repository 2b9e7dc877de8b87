import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Model, layers, sequential } from "nacre";
import { type Dataset, csv } from "nacre/data";

/** What every example may use without saying where it comes from. */
export interface Context {
  readonly digits: Dataset;
  readonly train: Dataset;
  readonly test: Dataset;
  /** A compiled classifier of digits. */
  readonly model: Model<"accuracy">;
}

const ROWS = 160;
const DATA = join(import.meta.dirname, "../../examples/data");
const DIGITS = join(DATA, "digits.csv");

/** Puts what examples read, and where they write, into the working directory. */
export async function writeFiles(): Promise<void> {
  mkdirSync("out");
  writeFileSync("digits.csv", readFileSync(DIGITS, "utf8").split("\n").slice(0, ROWS + 1).join("\n"));
  copyFileSync(join(DATA, "half-digits.onnx"), "net.onnx");
  const { model, train } = await context();
  await model.fit(train, { verbose: "silent" });
  await model.save("digits.nacre");
}

/** Fresh objects, so that no example sees what another did. */
export async function context(): Promise<Context> {
  const digits = await csv("digits.csv", { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
  const { train, test } = await digits.split({ test: 0.25, stratify: true, seed: 1 });
  const model = sequential([
    layers.input([8, 8, 1]),
    layers.flatten(),
    layers.dense({ units: 10, activation: "softmax" }),
  ]).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return { digits, train, test, model };
}
