import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../testing/engine.js";
import { fromBytes, importOnnx, layers, load, losses, type Model, sequential } from "../index.js";
import { decodeModel } from "../onnx/proto.js";

const cases = fileURLToPath(new URL("../../conformance/onnx/", import.meta.url));
const silent = { verbose: "silent" } as const;
const images = { data: Float32Array.from({ length: 5 * 3 * 10 * 12 }, (_, i) => Math.sin(i)), shape: [5, 3, 10, 12] };

async function values(model: Model): Promise<number[][]> {
  return Promise.all((await model.predictAll(images)).map(async (tensor) => Array.from((await tensor.data()) as Float32Array)));
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-onnx-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("importOnnx", () => {
  it("gives a model whose weights have the names of the file; running statistics are not trained", async () => {
    const model = await importOnnx(`${cases}resnet.onnx`);
    expect(model.inputs[0]!.shape).toEqual(["batch", 3, 10, 12]);
    expect(model.outputs[0]!.shape).toEqual(["batch", 4]);
    expect(model.variables.map(({ name }) => name)).toContain("b1.running_var");
    const trained = model.trainableVariables.map(({ name }) => name);
    expect(trained).toContain("c1.weight");
    expect(trained.filter((name) => name.includes("running"))).toEqual([]);
  });

  it("trains, saves, goes on training and exports as other models do", async () => {
    const model = await importOnnx(`${cases}resnet.onnx`);
    model.compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), metrics: ["accuracy"] });
    const data = { x: images, y: [0, 1, 2, 3, 0] };
    const first = await model.fit(data, { epochs: 3, ...silent });
    expect(first.logs.loss!.at(-1)).toBeLessThan(first.logs.loss![0]!);
    await model.save(join(folder, "resnet.nacre"));
    const back = await load(join(folder, "resnet.nacre"));
    expect(await values(back)).toEqual(await values(model));
    const more = { epochs: 5, resume: true, ...silent };
    expect((await back.fit(data, more)).logs.loss).toEqual((await model.fit(data, more)).logs.loss);

    await model.export(join(folder, "again.onnx"));
    const again = await importOnnx(join(folder, "again.onnx"));
    expect(again.variables.map(({ name }) => name).toSorted()).toEqual(model.variables.map(({ name }) => name).toSorted());
    expect(again.trainableVariables.length).toBe(model.trainableVariables.length);
    expect(await values(again)).toEqual(await values(model));
    expect(await values(await fromBytes(await again.toBytes()))).toEqual(await values(model));
  });

  it("takes sizes for axes that a file leaves free", async () => {
    const model = await importOnnx(`${cases}gpt_dynseq.onnx`, { inputShapes: { x0: [7] } });
    expect([model.inputs[0]!.shape, model.outputs[0]!.shape]).toEqual([["batch", 7], ["batch", 7, 13]]);
    const free = await importOnnx(`${cases}gpt_dynseq.onnx`);
    const x = { shape: [2, 7], data: BigInt64Array.from({ length: 14 }, (_, i) => BigInt(i % 13)) };
    expect(await (await model.predict(x)).toArray()).toEqual(await (await free.predict(x)).toArray());
    await expect(importOnnx(`${cases}resnet.onnx`, { inputShapes: { x0: [3, 10, 13] } })).rejects.toThrow(/a shape like \[3, 10, 12\]/);
    await expect(importOnnx(`${cases}resnet.onnx`, { inputShapes: { x1: [3] } })).rejects.toThrow(/did you mean "x0"/);
  });

  it("gives back what was exported", async () => {
    const model = sequential([layers.input([6, 3]), layers.lstm({ units: 4 }), layers.dense({ units: 2 })]);
    const bytes = await model.toOnnx();
    const copy = bytes.slice();
    const again = await importOnnx(bytes, { name: "again" });
    const x = { data: Float32Array.from({ length: 36 }, (_, i) => Math.cos(i)), shape: [2, 6, 3] };
    expect(await (await again.predict(x)).toArray()).toEqual(await (await model.predict(x)).toArray());
    expect(bytes).toEqual(copy);
    expect(again.name).toBe("again");
  });

  it("trains what it is told to", async () => {
    const path = `${cases}mlp.onnx`;
    expect((await importOnnx(path, { trainable: ["0.bias"] })).trainableVariables.map(({ name }) => name)).toEqual(["0.bias"]);
    const heads = await importOnnx(path, { trainable: (name) => name.startsWith("5.") });
    expect(heads.trainableVariables.map(({ name }) => name)).toEqual(["5.weight", "5.bias"]);
    await expect(importOnnx(path, { trainable: ["bias"] })).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
  });

  it("refuses missing files and other files", async () => {
    await expect(importOnnx(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "FILE_ACCESS" });
    await expect(importOnnx(new TextEncoder().encode("no model"))).rejects.toMatchObject({ code: "BAD_FILE" });
    expect(decodeModel(await readFile(`${cases}mlp.onnx`)).opsetImports).toEqual([{ domain: "", version: 18 }]);
  });
});
