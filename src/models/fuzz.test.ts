import { beforeAll, expect, test } from "vitest";
import "../testing/engine.js";
import { packCheckpoint, unpackCheckpoint } from "../files/checkpoint.js";
import { randomSource } from "../testing/mutate.js";
import { fitOptions, mutateModel, openFound, sampleData, sampleModels } from "../testing/mutateModel.js";
import { fromBytes } from "./load.js";

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
    const loaded = await fromBytes(await model.toBytes());
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

test("a small file cannot describe an endless model", async () => {
  const layer = (className: string, config: object): object => ({ className, name: "it", trainable: true, config });
  const model = (shape: number[], inner: object, calls: number): object => ({
    className: "Functional",
    name: null,
    inputs: [{ name: "input", shape, dtype: "float32" }],
    layers: [inner],
    calls: Array.from({ length: calls }, (_, i) => ({ layer: 0, inputs: [i] })),
    outputs: [{ name: "output", value: calls }],
  });
  // Each level calls the one below ten times: 10⁹ calls.
  let laughs = model([1], layer("Flatten", {}), 10);
  for (let depth = 0; depth < 8; depth++) laughs = model([1], layer("Functional", laughs), 10);
  const endless: [object, string][] = [
    [laughs, "BAD_FILE"],
    [model([10, 1], layer("AdaptiveAveragePooling1D", { outputSize: 1e9 }), 1), "UNSUPPORTED"],
    [model([30_000, 2, 1], layer("Resizing", { height: 29_999, width: 2 }), 1), "UNSUPPORTED"],
    [model([1e6], layer("Dense", { units: 1e6 }), 1), "BAD_FILE"],
  ];
  for (const [config, code] of endless) {
    const json = new TextEncoder().encode(JSON.stringify({ model: config, seed: null, compile: null }));
    await expect(fromBytes(packCheckpoint({ ...files[1], "model.json": json }))).rejects.toMatchObject({ code });
  }
});

test("what makes no sense is told by its place in the file", async () => {
  const edited = (name: string, from: string, to: string): Uint8Array => {
    const text = new TextDecoder().decode(files[0]![name]);
    expect(text).toContain(from);
    return packCheckpoint({ ...files[0], [name]: new TextEncoder().encode(text.replace(from, to)) });
  };
  const cases: [string, string, string, string][] = [
    ["train.json", '"step":2', '"step":-2', "train.json.step"],
    ["train.json", '"epoch":0', '"epoch":-1e9', "train.json.position.epoch"],
    ["train.json", '"history":[]', '"history":7', "train.json.position.history"],
    ["model.json", '"seed":3', '"seed":"3"', "model.json.seed"],
    ["model.json", '"layer":0', '"layer":"length"', "model.json.model.calls.0.layer"],
    ["model.json", '"trainable":true', '"trainable":1', "model.json.model.layers.0.trainable"],
  ];
  for (const [name, from, to, where] of cases) {
    await expect(fromBytes(edited(name, from, to))).rejects.toMatchObject({ code: "BAD_FILE", where: `.nacre file, ${where}` });
  }
});
