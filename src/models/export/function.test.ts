import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { grad, ops, tensor, type Tensor } from "../../index.js";
import { decodeModel } from "../../onnx/proto.js";
import { exportFunction, functionToOnnx } from "./function.js";

const scale = tensor([[1, 2], [3, 4], [5, 6]]);

async function run(bytes: Uint8Array | string, feeds: Readonly<Record<string, ort.Tensor>>): Promise<Readonly<Record<string, ort.Tensor>>> {
  const session = await (typeof bytes === "string" ? ort.InferenceSession.create(bytes) : ort.InferenceSession.create(bytes));
  return (await session.run(feeds)) as Record<string, ort.Tensor>;
}

const floats = (values: readonly number[], shape: readonly number[]): ort.Tensor => new ort.Tensor("float32", Float32Array.from(values), shape);

describe("a function as ONNX", () => {
  it("stores what it captures, and has free dimensions", async () => {
    const bytes = await functionToOnnx(({ x }) => x.matmul(scale.mul(2)), { inputs: { x: { shape: [null, 3] } } });
    const { graph, opsetImports } = decodeModel(bytes);
    expect(graph.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["batch", 3] }]);
    expect(graph.outputs).toEqual([{ name: "output", dtype: "float32", shape: ["batch", 2] }]);
    expect(opsetImports).toEqual([{ domain: "", version: 21 }]);
    for (const rows of [1, 3]) {
      const { output } = await run(bytes, { x: floats(Array.from({ length: 3 * rows }, () => 1), [rows, 3]) });
      expect(Array.from(output!.data as Float32Array)).toEqual(Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 18 : 24)));
    }
  });

  it("takes several inputs and gives several outputs, in any version", async () => {
    const fn = ({ ids, weight }: { ids: Tensor; weight: Tensor }) => ({ picked: ops.gather(scale, ids).mul(weight), count: ops.sum(ops.cast(ids, "int64")) });
    const options = { inputs: { ids: { shape: ["n"], dtype: "int32" }, weight: { shape: ["n", 1] } }, opset: 17, outputNames: { count: "total" }, dimensions: { n: 2 } } as const;
    const bytes = await functionToOnnx(fn, options);
    expect(decodeModel(bytes).graph.name).toBe("fn");
    const { picked, total } = await run(bytes, { ids: new ort.Tensor("int32", Int32Array.of(2, 0), [2]), weight: floats([10, 1], [2, 1]) });
    expect(Array.from(picked!.data as Float32Array)).toEqual([50, 60, 1, 2]);
    expect(Array.from(total!.data as BigInt64Array, Number)).toEqual([2]);
  });

  it("may be a gradient", async () => {
    const slope = grad((x: Tensor) => x.square().mul(scale).sum());
    const bytes = await functionToOnnx(({ x }) => slope(x), { inputs: { x: { shape: [3, 2] } } });
    const { output } = await run(bytes, { x: floats([1, 1, 1, 1, 1, -1], [3, 2]) });
    expect(Array.from(output!.data as Float32Array)).toEqual([2, 4, 6, 8, 10, -12]);
  });

  it("goes to a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nacre-function-"));
    const table = tensor(Float32Array.from({ length: 400 }, (_, i) => i));
    await exportFunction(join(folder, "f.onnx"), ({ i }) => [ops.gather(table, i), i], { inputs: { i: { shape: [null], dtype: "int32" } }, externalData: true });
    const { output_0: found } = await run(join(folder, "f.onnx"), { i: new ort.Tensor("int32", Int32Array.of(7, 399), [2]) });
    expect(Array.from(found!.data as Float32Array)).toEqual([7, 399]);
    await rm(folder, { recursive: true });
  });

  it("refuses what is no such function", async () => {
    const inputs = { x: { shape: [2] } };
    const wrong = [
      functionToOnnx((() => 3) as never, { inputs }),
      functionToOnnx((async ({ x }: { x: Tensor }) => x) as never, { inputs }),
      functionToOnnx((() => ({})) as never, { inputs }),
      functionToOnnx("x" as never, { inputs }),
      functionToOnnx(({ x }) => x, { inputs: { x: { shape: ["2*n"] } } }),
      functionToOnnx(({ x }) => x, { inputs: { x: { shape: [2], dtype: "float16" as never } } }),
      functionToOnnx(({ x }) => x!, {} as never),
      functionToOnnx(({ output }) => output, { inputs: { output: { shape: [2] } } }),
    ];
    for (const each of wrong) await expect(each).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(functionToOnnx(({ x }) => x!, { inputs, prepare: {} } as never)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
    let leaked = scale;
    await functionToOnnx(({ x }) => (leaked = x), { inputs: { x: { shape: [null] } } });
    await expect(functionToOnnx(({ x }) => x.add(leaked), { inputs: { x: { shape: [null] } } })).rejects.toMatchObject({ code: "TRACED_VALUE" });
  });
});
