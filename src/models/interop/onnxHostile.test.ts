import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { importOnnx, NacreError } from "../../index.js";
import { type ModelProto, type NodeProto, type TensorProto, encodeModel } from "../../onnx/proto.js";

const node = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes: NodeProto["attributes"] = []): NodeProto => ({
  name: outputs[0] ?? "", opType, domain: "", inputs, outputs, attributes,
});

function model(nodes: readonly NodeProto[], initializers: readonly TensorProto[] = [], shape: readonly (number | string)[] = ["n", 4]): ModelProto {
  const port = (name: string) => ({ name, dtype: "float32", shape: [...shape] }) as const;
  return {
    irVersion: 8,
    opsetImports: [{ domain: "", version: 18 }],
    producerName: "test",
    producerVersion: "",
    metadata: {},
    graph: { name: "g", nodes, initializers, inputs: [port("x")], outputs: [port("y")] },
  };
}

async function refusal(value: ModelProto | string, options: Parameters<typeof importOnnx>[1] = {}): Promise<string> {
  const begin = performance.now();
  try {
    await importOnnx(typeof value === "string" ? value : encodeModel(value), options);
  } catch (error) {
    if (!(error instanceof NacreError)) throw error;
    expect(performance.now() - begin).toBeLessThan(2000);
    return `${error.code} ${error.message}`;
  }
  return "none";
}

const weights = Float32Array.of(1, 2, 3, 4);
const outside = (location: string, offset = 0): TensorProto => ({
  name: "w", dtype: "float32", shape: [4], data: new Uint8Array(0), external: { location, offset, length: 16, element: 1 },
});
const sum = [node("Add", ["x", "w"], ["y"])];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-onnx-"));
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "secret.bin"), new Uint8Array(64));
  await writeFile(join(folder, "model/w.bin"), new Uint8Array(Float32Array.of(9, 9, ...weights).buffer));
  await symlink(join(folder, "secret.bin"), join(folder, "model/link.bin"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("ONNX files that nobody vouches for", () => {
  it("name the node of a broken graph", async () => {
    expect(await refusal(model([node("Relu", ["z"], ["y"])]))).toMatch(/^BAD_FILE ONNX node "y" \(Relu\).*"z"/);
    expect(await refusal(model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])]))).toMatch(/without cycles/);
    expect(await refusal(model([node("Relu", ["x"], ["y"]), node("Tanh", ["x"], ["y"])]))).toMatch(/"y" a second time/);
    expect(await refusal(model([node("Relu", ["x"], ["h"])]))).toMatch(/output "y"/);
    expect(await refusal(model([node("Conv", ["x"], ["y"])]))).toMatch(/^BAD_FILE ONNX node "y" \(Conv\)/);
    expect(await refusal(model([node("Frobnicate", ["x"], ["h"]), node("Relu", ["h"], ["y"])]))).toMatch(/^UNSUPPORTED ONNX node "h" \(Frobnicate\)/);
  });

  it("do not get memory for what they claim", async () => {
    const claim: TensorProto = { name: "w", dtype: "float32", shape: [2 ** 29], data: new Uint8Array(4) };
    expect(await refusal(model(sum, [claim]))).toMatch(/^BAD_FILE/);
    const huge = (name: string, items: readonly number[]): TensorProto => ({
      name, dtype: "int64", shape: [items.length], data: new Uint8Array(BigInt64Array.from(items, BigInt).buffer),
    });
    const before = process.memoryUsage().rss;
    const hidden = { name: "hidden_size", type: "int", value: 4 } as const;
    await refusal(model([node("Expand", ["x", "s"], ["y"])], [huge("s", [2 ** 30, 2 ** 10, 1, 4])]));
    await refusal(model([node("Range", ["a", "b", "c"], ["y"])], [huge("a", [0]), huge("b", [2 ** 40]), huge("c", [1])]));
    await refusal(model([node("LSTM", ["x", "w", "r"], ["y"], [hidden])], [huge("w", [1]), huge("r", [1])], [2 ** 31, 1, 4]));
    const kernel = { name: "kernel_shape", type: "ints", value: [2 ** 20, 2 ** 20] } as const;
    await refusal(model([node("AveragePool", ["x"], ["y"], [kernel])], [], [1, 1, 2 ** 21, 2 ** 21]));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  it("read weights beside them, and nothing elsewhere", async () => {
    const path = join(folder, "model/m.onnx");
    const write = (tensor: TensorProto): Promise<void> => writeFile(path, encodeModel(model(sum, [tensor])));
    await write(outside("w.bin", 8));
    const found = await importOnnx(path);
    expect(await found.variables[0]!.read()).toEqual(weights);
    for (const location of ["../secret.bin", join(folder, "secret.bin"), "a/../../secret.bin", "..\\secret.bin", "C:\\x", "link.bin"]) {
      await write(outside(location));
      expect(await refusal(path)).toMatch(/^BAD_FILE.*its own folder/);
    }
    await write(outside("w.bin", 2 ** 40));
    expect(await refusal(path)).toMatch(/^BAD_FILE.*at least/);
    await write(outside("none.bin"));
    expect(await refusal(path)).toMatch(/^FILE_ACCESS/);
    const bytes = encodeModel(model(sum, [outside("w.bin")]));
    const given = await importOnnx(bytes, { externalData: { "w.bin": new Uint8Array(weights.buffer) } });
    expect(await given.variables[0]!.read()).toEqual(weights);
    await expect(importOnnx(bytes)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("run nodes that have no gradient, and say so when one must pass", async () => {
    const w: TensorProto = { name: "w", dtype: "float32", shape: [4], data: new Uint8Array(weights.buffer) };
    const value = model([node("Add", ["x", "w"], ["h"]), node("Det", ["h"], ["y"])], [w], ["n", 4, 4]);
    const found = await importOnnx(encodeModel({ ...value, graph: { ...value.graph, outputs: [{ name: "y", dtype: "float32", shape: ["n"] }] } }));
    const x = { data: Float32Array.from({ length: 32 }, (_, i) => (i % 5 === 0 ? 2 : 0)), shape: [2, 4, 4] };
    expect((await (await found.predict(x)).data()).length).toBe(2);
    found.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    await expect(found.fit({ x, y: [1, 2] }, { verbose: "silent" })).rejects.toMatchObject({ code: "NO_GRADIENT", where: 'ONNX node "y" (Det)' });
  });
});
