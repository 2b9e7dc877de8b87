import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import "../../testing/engine.js";
import { randomSource } from "../../testing/mutate.js";
import { mutateOnnx, openOnnx } from "../../testing/mutateOnnx.js";

/** `npm run check:hardship` opens 10,000 files. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);
const MAX_MS = 1000;
const files = ["mlp", "resnet", "recurrent", "encoder", "unet_14", "gru_20"].map(
  (name) => new Uint8Array(readFileSync(new URL(`../../../conformance/onnx/${name}.onnx`, import.meta.url))),
);

test("damaged files open or are refused with a NacreError, each within a second", { timeout: 600_000 }, async () => {
  const globals = Object.getOwnPropertyNames(Object.prototype).join();
  let [opened, slowest] = [0, 0];
  // The reader is loaded when it is first used.
  await openOnnx(files[0]!);
  for (let i = 0; i < RUNS; i++) {
    const random = randomSource(i + Number(process.env["FUZZ_SEED"] ?? 1));
    const bytes = mutateOnnx(files[i % files.length]!, random);
    const begin = performance.now();
    try {
      if (await openOnnx(bytes)) opened++;
    } catch (error) {
      throw new Error(`file ${i}`, { cause: error });
    }
    const ms = performance.now() - begin;
    if (ms > slowest) slowest = ms;
    if (ms > MAX_MS) console.log(`file ${i}: ${ms.toFixed(0)} ms`);
  }
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(globals);
  // Most bytes are values of weights, where a flip goes unseen.
  expect(opened).toBeGreaterThan(RUNS / 20);
  expect(opened).toBeLessThan(RUNS * 0.9);
  expect(slowest).toBeLessThan(MAX_MS);
});
