import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { strToU8, unzipSync, zipSync } from "fflate";
import "../testing/engine.js";
import {
  activations,
  type Callback,
  defineLayer,
  fromBytes,
  initializers,
  layers,
  load,
  losses,
  metrics,
  Model,
  NacreError,
  optimizers,
  sequential,
  tensor,
} from "../index.js";
import { packCheckpoint, unpackCheckpoint } from "../files/checkpoint.js";
import { keyOf } from "../random/host.js";

const data = { x: [[1, 2], [3, 4], [5, 6], [7, 9]], y: [0, 1, 1, 0] };
const silent = { verbose: "silent" } as const;

const scale = defineLayer({
  className: "SaveTestScale",
  defaults: { factor: 1 },
  build: ({ addWeight }, shape) => ({ bias: addWeight("bias", { shape: [shape.at(-1) as number], initializer: initializers.zeros() }) }),
  call: ({ config, weights }, x) => x.mul(config.factor).add(weights.bias),
});

function small(): Model {
  return sequential([
    layers.input([2]),
    layers.dense({ units: 4, activation: "relu" }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 2, activation: "softmax" }),
  ]).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

async function valuesOf(model: Model): Promise<number[][]> {
  return Promise.all(model.variables.map(async (variable) => Array.from((await variable.read()) as Float32Array)));
}

/** Equal weights, predictions, and behaviour in further training. */
async function expectSame(loaded: Model, model: Model, input: Parameters<Model["predict"]>[0]): Promise<void> {
  expect(await valuesOf(loaded)).toEqual(await valuesOf(model));
  const [found, expected] = [await loaded.predictAll(input), await model.predictAll(input)];
  expect(await Promise.all(found.map((t) => t.toArray()))).toEqual(await Promise.all(expected.map((t) => t.toArray())));
  expect(loaded.summary()).toBe(model.summary());
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-save-"));
});
afterAll(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

describe("save and load", () => {
  it("keep architecture, weights, running statistics, optimizer slots and random state", async () => {
    const model = small();
    await model.fit(data, { epochs: 2, batchSize: 3, seed: 4, ...silent });
    const path = join(folder, "small.nacre");
    await model.save(path);
    const loaded = await load(path);
    await expectSame(loaded, model, data.x);
    const more = { epochs: 2, batchSize: 3, seed: 9, ...silent };
    expect(await loaded.fit(data, more)).toEqual(await model.fit(data, more));
    expect(await valuesOf(loaded)).toEqual(await valuesOf(model));
    // Dropout of a single batch follows from the model's own seed.
    expect(await loaded.trainOnBatch(data)).toEqual(await model.trainOnBatch(data));
    expect(await loaded.toBytes()).toEqual(await model.toBytes());
  });

  it("keep a model that was never compiled or run", async () => {
    const model = sequential([layers.input([3]), layers.dense({ units: 2 })], { name: "bare", seed: 5 });
    const loaded = await fromBytes(await model.toBytes());
    expect([loaded.name, loaded.compiled, loaded.position, loaded.seed]).toEqual(["bare", undefined, undefined, 5]);
    await expectSame(loaded, model, [[1, 2, 3]]);
  });

  it("keep shared layers, several inputs and outputs, and dtypes", async () => {
    const [a, b] = [layers.input([3], { name: "a", dtype: "int32" }), layers.input([3], { name: "b", dtype: "int32" })];
    const table = layers.embedding({ inputDim: 5, outputDim: 2 });
    const sum = layers.add()([table(a), table(b)]);
    const flat = layers.flatten()(sum);
    const model = new Model({ inputs: [a, b], outputs: { raw: sum, head: layers.dense({ units: 1 })(flat) }, name: "siamese" });
    const loaded = await fromBytes(await model.toBytes());
    expect([loaded.inputNames, loaded.outputNames]).toEqual([["a", "b"], ["raw", "head"]]);
    expect(loaded.variables.map((v) => loaded.pathOf(v))).toEqual(["embedding/embeddings", "dense/kernel", "dense/bias"]);
    await expectSame(loaded, model, { a: [[1, 2, 3]], b: [[0, 4, 2]] });
  });

  it("keep masks that travel with a value", async () => {
    const build = (): Model => {
      const ids = layers.input([3], { dtype: "int32" });
      const vectors = layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true })(ids);
      return new Model({ inputs: ids, outputs: layers.dense({ units: 1 })(vectors) }).compile({ optimizer: "sgd", loss: "mse" });
    };
    const model = build();
    const loaded = await fromBytes(await model.toBytes());
    expect(loaded.outputs[0]!.masked).toBe(true);
    const masked = { x: [[1, 0, 0]], y: [[[1], [100], [100]]] };
    const { loss } = await model.evaluate(masked);
    // Steps of id 0 do not count: errors of 100 would show.
    expect(loss).toBeLessThan(10);
    expect(await loaded.evaluate(masked)).toEqual({ loss });
  });

  it("keep frozen layers frozen", async () => {
    const model = small();
    model.layers[0]!.trainable = false;
    model.layers[1]!.trainable = false;
    const loaded = await fromBytes(await model.toBytes());
    const before = await valuesOf(loaded);
    await loaded.fit(data, silent);
    const after = await valuesOf(loaded);
    expect(after.slice(0, 6)).toEqual(before.slice(0, 6));
    expect(after.slice(6)).not.toEqual(before.slice(6));
  });

  it("keep nested models, which freeze as one", async () => {
    const build = (): Model => {
      const inner = layers.input([2]);
      const backbone = new Model({
        inputs: inner,
        outputs: layers.batchNormalization()(layers.dense({ units: 3 })(layers.dense({ units: 3, name: "first" })(inner))),
        name: "backbone",
      });
      return sequential([layers.input([2]), backbone, layers.dense({ units: 2 })]).compile({ optimizer: "sgd", loss: "mse" });
    };
    const model = build();
    model.initialize(1);
    const paths = model.variables.map((variable) => model.pathOf(variable));
    expect(paths.slice(0, 4)).toEqual(["backbone/first/kernel", "backbone/first/bias", "backbone/dense/kernel", "backbone/dense/bias"]);
    expect(new Set(paths).size).toBe(paths.length);
    const loaded = await fromBytes(await model.toBytes());
    expect(loaded.variables.map((variable) => loaded.pathOf(variable))).toEqual(paths);
    await expectSame(loaded, model, data.x);
    // The nested model is whole on its own, too, under names of its own.
    const backbone = model.layers[0] as unknown as Model;
    const alone = await fromBytes(await backbone.toBytes());
    expect(alone.variables.map((variable) => alone.pathOf(variable))).toEqual(paths.slice(0, 8).map((path) => path.slice("backbone/".length)));
    await expectSame(alone, backbone, data.x);
    // Frozen: neither weights nor running statistics move.
    loaded.layers[0]!.trainable = false;
    const before = await valuesOf(loaded);
    await loaded.fit({ x: data.x, y: data.x }, silent);
    const after = await valuesOf(loaded);
    expect(after.slice(0, 8)).toEqual(before.slice(0, 8));
    expect(after.slice(8)).not.toEqual(before.slice(8));
  });

  it("keep a model's names when another model shares its layers", async () => {
    const x = layers.input([2]);
    const [first, second] = [layers.dense({ units: 2 }), layers.dense({ units: 2 })];
    const hidden = first(x);
    const model = new Model({ inputs: x, outputs: second(hidden) });
    // In a model of its own, the second layer might as well be called "dense".
    const tail = new Model({ inputs: hidden, outputs: layers.dense({ units: 2 })(second(hidden)) });
    expect([model.layerNames, tail.layerNames]).toEqual([["dense", "dense_1"], ["dense_1", "dense"]]);
    for (const each of [model, tail]) {
      each.initialize(3);
      await expectSame(await fromBytes(await each.toBytes()), each, data.x);
    }
    expect(await model.variables[0]!.read()).not.toEqual(await model.variables[2]!.read());
  });

  it("keep a layer of one's own, if it is registered where the file is opened", async () => {
    const model = sequential([layers.input([2]), scale({ factor: 3 })]).compile({ optimizer: "sgd", loss: "mse" });
    await model.fit({ x: data.x, y: data.x }, silent);
    const bytes = await model.toBytes();
    await expectSame(await fromBytes(bytes), model, data.x);
    const edited = edit(bytes, "model.json", (text) => text.replace("SaveTestScale", "SaveTestSkale"));
    expect(await refusal(fromBytes(edited))).toMatchObject({
      code: "UNKNOWN_NAME",
      where: 'model file, layer "save_test_scale"',
      received: '"SaveTestSkale"',
      fix: 'import the module that calls defineLayer for "SaveTestSkale" before loading the model',
    });
  });

  it("keep a loss, a metric and an optimizer of one's own", async () => {
    const cube = losses.defineLoss({
      className: "SaveTestCube",
      defaults: { power: 3 },
      call: (yTrue, yPred, { power }) => yTrue.sub(yPred).abs().pow(power).mean({ axes: [-1] }),
    });
    const largest = metrics.defineMeanMetric({
      className: "SaveTestLargest",
      defaults: {},
      values: (_yTrue, yPred) => yPred.max({ axes: [-1] }),
    });
    const signs = optimizers.defineOptimizer({
      className: "SaveTestSigns",
      defaults: {},
      update: ({ weight, grad, scalars }) => ({ weight: weight.sub(grad.sign().mul(scalars["learningRate"]!)), slots: {} }),
    });
    const model = sequential([layers.input([2]), layers.dense({ units: 2 })]).compile({
      optimizer: signs({ learningRate: 0.5 }),
      loss: cube({ power: 4 }),
      metrics: [largest()],
    });
    const set = { x: data.x, y: data.x };
    await model.fit(set, silent);
    const loaded = await fromBytes(await model.toBytes());
    expect(await loaded.fit(set, silent)).toEqual(await model.fit(set, silent));
    expect(await loaded.evaluate(set)).toEqual(await model.evaluate(set));
    await expectSame(loaded, model, data.x);
  });

  it("keep numbers that JSON has no word for", async () => {
    const endless = defineLayer({ className: "SaveTestEndless", defaults: { limit: Infinity }, call: ({ config }, x) => x.minimum(config.limit) });
    const model = sequential([layers.input([2]), endless({ limit: -Infinity }), layers.dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "mse" });
    const odd: Callback = { name: "odd", state: () => ({ values: { best: Number.NaN, worst: -Infinity } }) };
    const logs: Callback = { name: "logs", onEpochEnd: (_epoch, results) => void (results["spread"] = Infinity) };
    model.initialize();
    const regular = sequential([layers.input([2]), layers.dense({ units: 2 })]).compile({ optimizer: "sgd", loss: "mse" });
    await regular.fit({ x: data.x, y: data.x }, { callbacks: [odd, logs], ...silent });
    const position = (await fromBytes(await regular.toBytes())).position!();
    expect(position.callbacks["odd"]!.values).toEqual({ best: Number.NaN, worst: -Infinity });
    expect(position.history[0]!["spread"]).toBe(Infinity);
    expect(((await fromBytes(await model.toBytes())).layers[0]!.config as { limit: number }).limit).toBe(-Infinity);
  });
});

describe("what cannot be saved is refused by name", () => {
  const dense = (activation: Parameters<typeof layers.dense>[0]["activation"] & {}): Model =>
    sequential([layers.input([2]), layers.dense({ units: 1, activation })]);

  it("a function as activation, until it is registered", async () => {
    await expect(dense((x) => x.sin()).toBytes()).rejects.toMatchObject({ code: "UNSUPPORTED" });
    const model = dense(activations.register("saveTestSine", (x) => x.sin()));
    await expectSame(await fromBytes(await model.toBytes()), model, data.x);
  });

  it("a function as loss, also one that is called like a built-in", async () => {
    const mse = (yTrue: ReturnType<typeof tensor>, yPred: ReturnType<typeof tensor>): ReturnType<typeof tensor> => yTrue.sub(yPred).abs().mean({ axes: [-1] });
    const model = sequential([layers.input([2]), layers.dense({ units: 2 })]).compile({ optimizer: "sgd", loss: mse });
    await model.fit({ x: data.x, y: data.x }, silent);
    const error = await model.toBytes().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "UNSUPPORTED", where: 'loss "function mse"' });
    expect((error as NacreError).fix).toContain("defineLoss");
  });

  it("an option that is no plain data", async () => {
    const holder = defineLayer({ className: "SaveTestHolder", defaults: { table: [] as unknown }, call: (_context, x) => x });
    const model = sequential([layers.input([2]), holder({ table: { rows: [new Float32Array(2)] } })]);
    await expect(model.toBytes()).rejects.toMatchObject({ code: "UNSUPPORTED", where: 'saveTestHolder "save_test_holder", option table.rows.0' });
  });
});

describe("a damaged file", () => {
  it("is refused, whichever byte was flipped or wherever it ends", async () => {
    const model = small();
    await model.fit(data, { ...silent, callbacks: [] });
    const bytes = await model.toBytes();
    const expected = await valuesOf(model);
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 97) {
      const flipped = bytes.slice();
      flipped[at]! ^= 0x10;
      const error = await outcomeOf(flipped, expected);
      if (error !== undefined) refused++;
      expect(await outcomeOf(bytes.slice(0, at), undefined)).toMatchObject({ code: "BAD_FILE" });
    }
    // Bytes that mean nothing, such as times in the zip's directory, may flip without harm.
    expect(refused).toBeGreaterThan((bytes.length / 97) * 0.7);
    expect(await refusal(fromBytes(new Uint8Array()))).toMatchObject({ code: "BAD_FILE" });
  });

  it("is refused when it is no bytes at all, telling the fix", async () => {
    const bytes = await small().toBytes();
    expect(await refusal(fromBytes(bytes.buffer as never))).toMatchObject({ code: "BAD_ARGUMENT", fix: expect.stringContaining("new Uint8Array(buffer)") as string });
    expect(await refusal(fromBytes(small().toBytes() as never))).toMatchObject({ code: "BAD_ARGUMENT", fix: "did you forget await?" });
  });

  it("is refused when a newer version wrote it", async () => {
    const files = unzipSync(await small().toBytes());
    const manifest = JSON.parse(new TextDecoder().decode(files["manifest.json"])) as object;
    files["manifest.json"] = strToU8(JSON.stringify({ ...manifest, version: 1e6 }));
    expect(await refusal(fromBytes(zipSync(files, { level: 0 })))).toMatchObject({ code: "NEWER_VERSION" });
  });

  it("is refused when its contents make no sense, checksums or not", async () => {
    const bytes = await small().toBytes();
    const edits: [string, (text: string) => string][] = [
      ["model.json", () => "{}"],
      ["model.json", () => "null"],
      ["model.json", () => "[1"],
      ["model.json", (text) => text.replace('"units":4', '"units":5')],
      ["model.json", (text) => text.replace('"calls":[{"layer":0,"inputs":[0]}', '"calls":[{"layer":99,"inputs":[0]}')],
      ["train.json", () => "null"],
    ];
    for (const [name, change] of edits) expect(await refusal(fromBytes(edit(bytes, name, change)))).toMatchObject({ code: "BAD_FILE" });
    const { "weights.safetensors": _weights, ...rest } = unpackCheckpoint(bytes);
    expect(await refusal(fromBytes(packCheckpoint(rest)))).toMatchObject({ code: "BAD_FILE", expected: "weights.safetensors" });
  });
});

describe("a file that cannot be written", () => {
  it("leaves the old one whole, and nothing beside it", async () => {
    const path = join(folder, "locked.nacre");
    await small().save(path);
    const old = await readFile(path);
    // A folder in the place of the file cannot be replaced, not even by root.
    await expect(small().save(folder)).rejects.toMatchObject({ code: "FILE_ACCESS" });
    await expect(small().save(join(folder, "missing", "a.nacre"))).rejects.toMatchObject({ code: "FILE_ACCESS" });
    await expect(small().export(join(folder, "missing", "a.onnx"))).rejects.toMatchObject({ code: "FILE_ACCESS" });
    const broken = sequential([layers.input([2]), layers.dense({ units: 1, activation: (x) => x })]);
    await expect(broken.save(path)).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect(await readFile(path)).toEqual(old);
    expect(await readdir(folder)).toEqual(expect.not.arrayContaining([expect.stringContaining(".tmp")]));
  });

  it.skipIf(process.getuid?.() === 0)("leaves the old one whole in a folder that is read-only (root may write anywhere)", async () => {
    const path = join(folder, "readonly.nacre");
    await small().save(path);
    const old = await readFile(path);
    await chmod(folder, 0o500);
    await expect(small().save(path)).rejects.toMatchObject({ code: "FILE_ACCESS" });
    await chmod(folder, 0o700);
    expect(await readFile(path)).toEqual(old);
  });

  it("is refused to be read when it is missing or empty", async () => {
    await expect(load(join(folder, "none.nacre"))).rejects.toMatchObject({ code: "FILE_ACCESS" });
    const empty = join(folder, "empty.nacre");
    await writeFile(empty, "");
    await expect(load(empty)).rejects.toMatchObject({ code: "BAD_FILE" });
  });
});

/** The bytes with one entry changed, checksums made to fit. */
function edit(bytes: Uint8Array, name: string, change: (text: string) => string): Uint8Array {
  const entries = unpackCheckpoint(bytes);
  return packCheckpoint({ ...entries, [name]: strToU8(change(new TextDecoder().decode(entries[name]))) });
}

async function refusal(opening: Promise<Model>): Promise<unknown> {
  try {
    await opening;
  } catch (error) {
    expect(error).toBeInstanceOf(NacreError);
    return error;
  }
  throw new Error("no error came");
}

/** The error of opening a file; without one, the weights must be the expected ones. */
async function outcomeOf(bytes: Uint8Array, expected: number[][] | undefined): Promise<unknown> {
  let model: Model;
  try {
    model = await fromBytes(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(NacreError);
    return error;
  }
  expect(await valuesOf(model)).toEqual(expected);
  return undefined;
}

it("a seed gives the same first weights in every model of one shape", async () => {
  const [a, b] = [small(), small()];
  a.initialize(1);
  b.initialize(1);
  expect(await valuesOf(a)).toEqual(await valuesOf(b));
  expect(a.initialize()).toEqual(keyOf(1));
});
