import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import "../../testing/engine.js";
import { arrayFrom, type KerasCase, kerasCases, type StoredArray } from "../../testing/kerasCases.js";
import { kerasModels } from "../../testing/kerasModels.js";
import { fromKerasBytes } from "./kerasArchive.js";
import type { Model } from "../model.js";
import { crc32 } from "../../files/crc32.js";

const folder = new URL("../../../scripts/fixtures/keras/", import.meta.url);
const read = kerasCases(new URL("layers.zip", folder));
const trained = kerasCases(new URL("training.zip", folder));

/** Checksums of what Keras itself opened and predicted with: see scripts/fixtures/keras_accept.py. */
const accepted = JSON.parse(readFileSync(new URL("accepted.json", folder), "utf8")) as Record<string, [config: number, weights: number]>;

/** Where files for Keras go; without it they are compared with those that it accepted. */
const out = process.env["KERAS_FILES"];

async function check(name: string, bytes: Uint8Array, about: Omit<KerasCase, "name" | "bytes">): Promise<void> {
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `${name}.keras`), bytes);
    writeFileSync(join(out, `${name}.json`), JSON.stringify(about));
    return;
  }
  const entries = unzipSync(bytes);
  const sums = ["config.json", "model.weights.h5"].map((entry) => Number.parseInt(crc32(entries[entry]!), 16));
  expect(sums).toEqual(accepted[name]);
}

/** Both compute in float32, in another order of sums. */
async function expectPrediction(model: Model, { inputs, outputs }: Pick<KerasCase, "inputs" | "outputs">): Promise<void> {
  const got = await predictions(model, inputs);
  expect(got.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
  for (const [i, { data }] of outputs.entries()) {
    const values = data.map(Number);
    expect(Math.max(0, ...values.map((want, at) => (Object.is(want, Number(got[i]!.data[at])) ? 0 : Math.abs(Number(got[i]!.data[at]) - want) / (1 + Math.abs(want)))))).toBeLessThan(1e-5);
  }
}

async function predictions(model: Model, inputs: readonly StoredArray[]): Promise<StoredArray[]> {
  const all = await model.predictAll(Object.fromEntries(inputs.map((input, i) => [model.inputNames[i]!, arrayFrom(input)])) as never);
  return Promise.all(all.map(async (y) => ({ dtype: y.dtype, shape: y.shape as number[], data: Array.from((await y.data()) as ArrayLike<number | bigint>, Number) })));
}

describe("a model of Keras predicts as there, and is written again as Keras accepts it", () => {
  test.each(read.map((one) => [one.name, one] as const))("%s", async (name, { bytes, ...about }) => {
    const model = await fromKerasBytes(bytes);
    await expectPrediction(model, about);
    const written = await model.toBytes({ format: "keras" });
    await expectPrediction(await fromKerasBytes(written), about);
    await check(name, written, about);
  });
});

describe("a model in training by Keras is written again as Keras accepts it", () => {
  test.each(trained.map((one) => [one.name, one] as const))("%s", async (name, { bytes, ...about }) => {
    await check(`training_${name}`, await (await fromKerasBytes(bytes)).toBytes({ format: "keras" }), about);
  });
});

describe("a model that is built here is written as Keras accepts it", () => {
  test.each(Object.entries(kerasModels))("%s", async (name, { model, inputs }) => {
    const built = model();
    const outputs = await predictions(built, inputs);
    const written = await built.toBytes({ format: "keras" });
    await expectPrediction(await fromKerasBytes(written), { inputs, outputs });
    await check(`built_${name}`, written, { inputs, outputs });
  });
});
