import { beforeAll, expect, test } from "vitest";
import "../testing/engine.js";
import { unpackCheckpoint } from "../files/checkpoint.js";
import { randomSource } from "../testing/mutate.js";
import { fitOptions, mutateModel, openFound, sampleData, sampleModels } from "../testing/mutateModel.js";
import { fromBytes } from "./archive.js";

/** `npm run check:hardship` opens 10,000 files. */
const RUNS = 600;
const MAX_MS = 1000;
/** Every so many files that open are also trained on. */
const FURTHER = 20;

let files: Record<string, Uint8Array>[] = [];
beforeAll(async () => {
  files = await Promise.all((await sampleModels()).map(async (model) => unpackCheckpoint(await model.toBytes())));
});

test("the files themselves open and go on training", async () => {
  for (const model of await sampleModels()) {
    const loaded = fromBytes(await model.toBytes());
    const options = { ...fitOptions(), resume: true };
    expect(await loaded.fit(sampleData, options)).toEqual(await model.fit(sampleData, options));
  }
});

test("edited files open and work, or are refused with a NacreError, each within a second", async () => {
  const random = randomSource(1);
  const globals = Object.getOwnPropertyNames(Object.prototype);
  let opened = 0;
  let slowest = 0;
  for (let i = 0; i < RUNS; i++) {
    const bytes = mutateModel(files[i % files.length]!, random);
    const begin = performance.now();
    const further = i % FURTHER === 0;
    if (await openFound(bytes, fromBytes, further)) opened++;
    if (!further) slowest = Math.max(slowest, performance.now() - begin);
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(globals);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(opened).toBeGreaterThan(RUNS / 20);
  expect(opened).toBeLessThan(RUNS * 0.8);
  expect(slowest).toBeLessThan(MAX_MS);
});
