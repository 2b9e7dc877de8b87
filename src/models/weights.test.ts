import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../files/safetensors.js";
import { fromBytes, layers, type Model, NacreError, sequential } from "../index.js";
import "../testing/engine.js";

function net(units: number, seed: number): Model {
  const body = sequential([layers.input([3]), layers.dense({ units: 4 }), layers.batchNormalization()], { name: "body" });
  const model = sequential([layers.input([3]), body, layers.dense({ units, name: "head" })]);
  model.initialize(seed);
  return model;
}

async function values(model: Model): Promise<Record<string, number[]>> {
  return Object.fromEntries(await Promise.all(model.variables.map(async (v) => [model.pathOf(v), [...(await v.read())].map(Number)])));
}

async function mistake(work: Promise<unknown>): Promise<NacreError> {
  const error = await work.then(() => undefined, (cause: unknown) => cause);
  if (error instanceof NacreError) return error;
  throw new Error("nothing was refused");
}

let folder = "";
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "nacre-weights-"))));
afterAll(() => rm(folder, { recursive: true }));

const BODY = ["dense/kernel", "dense/bias", "batch_normalization/gamma", "batch_normalization/beta", "batch_normalization/movingMean", "batch_normalization/movingVariance"].map((name) => `body/${name}`);

describe("weights of a file", () => {
  it.each(["w.safetensors", "w.weights.h5", "w.nacre", "w.keras"])("come back from %s", async (name) => {
    const [source, target] = [net(2, 1), net(2, 2)];
    const path = join(folder, name);
    await (name.startsWith("w.s") || name.endsWith("h5") ? source.saveWeights(path) : source.save(path));
    expect(await target.loadWeights(path)).toEqual({ loaded: [...BODY, "head/kernel", "head/bias"], missing: [], unexpected: [], mismatched: [] });
    expect(await values(target)).toEqual(await values(source));
    expect(await values(target)).not.toEqual(await values(net(2, 2)));
  });

  it("are those that a pattern means", async () => {
    const [source, target] = [net(2, 1), net(5, 2)];
    const before = await values(target);
    const report = await target.loadWeights(await source.toBytes({ format: "safetensors" }), { match: "body/**" });
    expect(report).toEqual({ loaded: BODY, missing: [], unexpected: [], mismatched: [] });
    const [after, from] = [await values(target), await values(source)];
    for (const path of BODY) expect(after[path]).toEqual(from[path]);
    expect(after["head/kernel"]).toEqual(before["head/kernel"]);
  });

  it("are reported where they do not fit", async () => {
    const [source, target] = [net(2, 1), net(5, 2)];
    const { tensors } = decodeSafetensors(await source.toBytes({ format: "safetensors" }));
    tensors.delete("body/dense/bias");
    tensors.set("extra", { dtype: "float32", shape: [1], data: Float32Array.of(1) });
    tensors.set("body/batch_normalization/beta", { dtype: "int32", shape: [4], data: new Int32Array(4) });
    const report = await target.loadWeights(encodeSafetensors(tensors), { strict: false });
    expect(report.missing).toEqual(["body/dense/bias"]);
    expect(report.unexpected).toEqual(["extra"]);
    expect(report.mismatched).toEqual([
      { name: "body/batch_normalization/beta", expected: "float32 [4]", received: "int32 [4]" },
      { name: "head/kernel", expected: "float32 [4, 5]", received: "float32 [4, 2]" },
      { name: "head/bias", expected: "float32 [5]", received: "float32 [2]" },
    ]);
    expect(report.loaded).toHaveLength(BODY.length - 2);
  });

  it("go by other names where rename says so", async () => {
    const [source, target] = [net(2, 1), net(2, 2)];
    const { tensors } = decodeSafetensors(await source.toBytes({ format: "safetensors" }));
    const foreign = new Map([...tensors].map(([name, tensor]) => [`module.${name.replaceAll("/", ".")}`, tensor]));
    foreign.set("module.step", { dtype: "int64", shape: [], data: BigInt64Array.of(3n) });
    const rename = (name: string): string | null => (name === "module.step" ? null : name.slice(7).replaceAll(".", "/"));
    await target.loadWeights(encodeSafetensors(foreign), { rename });
    expect(await values(target)).toEqual(await values(source));
    const error = await mistake(target.loadWeights(encodeSafetensors(foreign)));
    expect(error).toMatchObject({ code: "UNKNOWN_NAME" });
    expect(error.fix).toMatch(/is "module\.body\.dense\.kernel" in the file "body\/dense\/kernel" in the model\?/);
    expect(await mistake(target.loadWeights(encodeSafetensors(foreign), { rename: () => "a" }))).toMatchObject({ where: expect.stringContaining("rename") });
  });

  it("stay as they were when a strict load fails", async () => {
    const [source, target] = [net(2, 1), net(5, 2)];
    const before = await values(target);
    expect(await mistake(target.loadWeights(await source.toBytes({ format: "safetensors" })))).toMatchObject({
      code: "SHAPE_MISMATCH",
      received: "head/kernel of float32 [4, 2] for float32 [4, 5]; head/bias of float32 [2] for float32 [5]",
    });
    expect(await values(target)).toEqual(before);
  });

  it("serve a model that has predicted, at once", async () => {
    const [source, target] = [net(2, 1), net(2, 2)];
    const x = [[1, 2, 3]];
    for (let i = 0; i < 10; i++) await target.predict(x);
    await target.loadWeights(await source.toBytes());
    expect(await (await target.predict(x)).toArray()).toEqual(await (await source.predict(x)).toArray());
  });
});

describe("mistakes", () => {
  it("name what is wrong", async () => {
    const model = net(2, 1);
    expect(await mistake(model.loadWeights(join(folder, "none.safetensors")))).toMatchObject({ code: "FILE_ACCESS" });
    expect(await mistake(model.loadWeights(new ArrayBuffer(8) as never))).toMatchObject({ code: "BAD_ARGUMENT" });
    expect(await mistake(model.loadWeights(new Uint8Array(20)))).toMatchObject({ code: "BAD_FILE" });
    expect((await mistake(model.loadWeights(new Uint8Array(0), { match: "bodi/dense/kernel" }))).fix).toContain("body/dense/kernel");
    expect(await mistake(model.loadWeights(new Uint8Array(0), { only: "a" } as never))).toMatchObject({ code: "UNKNOWN_NAME" });
    expect((await mistake(model.loadWeights(new Uint8Array(0), { match: "body" }))).fix).toContain('"body/**"');
    expect((await mistake(model.loadWeights(new Uint8Array(0), { match: "bode/**" }))).fix).toContain('"body/**"');
    expect((await mistake(model.loadWeights(new Uint8Array(0), { rename: "a" as never }))).where).toContain("rename");
    expect((await mistake(model.loadWeights(new Uint8Array(0), { strict: 0 as never }))).where).toContain("strict");
    expect(await mistake(fromBytes(await model.toBytes({ format: "safetensors" })))).toMatchObject({ received: "one of safetensors, which holds weights alone", fix: expect.stringContaining("loadWeights") });
    expect((await mistake(model.save(join(folder, "a.safetensors")))).fix).toContain("saveWeights");
  });

  it("leave an older file whole", async () => {
    const path = join(folder, "kept.safetensors");
    const model = net(2, 1);
    await model.saveWeights(path);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 4));
    const error = await mistake(model.loadWeights(path));
    expect(error.code).toBe("BAD_FILE");
    expect(error.where).toContain("kept.safetensors");
    await model.saveWeights(path);
    expect(await readFile(path)).toEqual(bytes);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
