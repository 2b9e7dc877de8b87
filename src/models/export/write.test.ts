import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { importOnnx, layers, sequential } from "../../index.js";
import { decodeModel, type ModelProto } from "../../onnx/proto.js";
import { protoBytes } from "./write.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-export-"));
});
afterAll(() => rm(folder, { recursive: true }));

const x = { data: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)), shape: [2, 30] };
// Two kernels of more than a kilobyte, biases of less.
const model = sequential([layers.input([30]), layers.dense({ units: 40, activation: "relu" }), layers.dense({ units: 20 })]);

describe("weights beside the file", () => {
  it("are read by ONNX Runtime, and by importOnnx", async () => {
    const path = join(folder, "beside.onnx");
    // A second writing replaces the first.
    await sequential([layers.input([30]), layers.dense({ units: 500 })]).export(path, { externalData: true });
    await model.export(path, { externalData: true, opset: 18 });
    const { graph } = decodeModel(await readFile(path));
    const outside = graph.initializers.filter(({ external }) => external !== undefined);
    expect(outside.map(({ name, external }) => [name, external!.location, external!.offset, external!.length])).toEqual([
      ["dense/kernel", "beside.onnx.data", 0, 4800],
      ["dense_1/kernel", "beside.onnx.data", 8192, 3200],
    ]);
    expect((await stat(`${path}.data`)).size).toBe(8192 + 3200);
    const expected = Array.from(await (await model.predict(x)).data(), Number);
    const session = await ort.InferenceSession.create(path);
    const { output } = await session.run({ input: new ort.Tensor("float32", x.data, x.shape) });
    const again = await (await importOnnx(path)).predict(x);
    // The graph is fused otherwise: a few roundings.
    for (const found of [output!.data as Float32Array, await again.data()]) Array.from(found, Number).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it("are there only where the weights have more bytes than the option says", async () => {
    const bytes = 4 * model.parameterCount;
    for (const [name, externalData] of Object.entries({ less: { thresholdBytes: bytes }, more: { thresholdBytes: bytes - 1 }, never: false, otherwise: undefined })) {
      await model.export(join(folder, `${name}.onnx`), externalData === undefined ? {} : { externalData });
    }
    const found = await readdir(folder);
    expect(found.filter((name) => name.startsWith("beside") === false).toSorted()).toEqual(["less.onnx", "more.onnx", "more.onnx.data", "never.onnx", "otherwise.onnx"]);
    await expect(model.export(join(folder, "x.onnx"), { externalData: { thresholdBytes: -1 } })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(model.export(join(folder, "x.onnx"), { externalData: { threshold: 1 } as never })).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
    await expect(model.export(join(folder, "none/x.onnx"), { externalData: true })).rejects.toMatchObject({ code: "FILE_ACCESS" });
  });

  it("are what a model of more than 2 GB needs", () => {
    const data = { byteLength: 3e9 } as Uint8Array;
    const proto = { graph: { initializers: [{ data }] } } as unknown as ModelProto;
    expect(() => protoBytes("toOnnx", proto)).toThrow(/at most 2 GB.*3.0 GB.*model.export/);
  });
});
