import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { defineLayer, type ExportOptions, layers, Model, sequential, tensor } from "../../index.js";
import { decodeModel, type ModelProto } from "../../onnx/proto.js";
import { keyOf, normals } from "../../random/host.js";

/** ONNX Runtime fuses a file of constants otherwise than a training graph: a few roundings of numbers near 1. */
const TOLERANCE = 1e-5;

interface Exported {
  readonly proto: ModelProto;
  readonly run: (feeds: Readonly<Record<string, ort.Tensor>>) => Promise<ort.InferenceSession.OnnxValueMapType>;
}

/** A model's file in plain ONNX Runtime, with no part of our engine. */
async function exported(model: Model, options?: ExportOptions): Promise<Exported> {
  const bytes = await model.toOnnx(options);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  return { proto: decodeModel(bytes), run: (feeds) => session.run(feeds) };
}

function noise(seed: number, shape: readonly number[]): { data: Float32Array; shape: readonly number[] } {
  return { data: normals(keyOf(seed), shape.reduce((a, b) => a * b, 1)), shape };
}

function expectClose(found: ort.Tensor, expected: { data: ArrayLike<number>; shape: readonly unknown[] }): void {
  expect(found.dims).toEqual(expected.shape);
  Array.from(found.data as Float32Array).forEach((value, i) => {
    expect(Math.abs(value - expected.data[i]!)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(expected.data[i]!)));
  });
}

describe("export", () => {
  it("has a free batch, inference forms, and nothing of training", async () => {
    const model = sequential([
      layers.input([6, 6, 2]),
      layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", strides: 2 }),
      layers.batchNormalization(),
      layers.activation({ activation: "gelu" }),
      layers.dropout({ rate: 0.5 }),
      layers.averagePooling2d({ poolSize: 3, strides: 1, padding: "same" }),
      layers.flatten(),
      layers.dense({ units: 4, activation: "softmax" }),
    ]).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    const { data } = noise(1, [10, 6, 6, 2]);
    // Running statistics that are neither 0 nor 1.
    await model.fit({ x: { data, shape: [10, 6, 6, 2] }, y: [0, 1, 2, 3, 0, 1, 2, 3, 0, 1] }, { epochs: 2, verbose: "silent" });
    const { proto, run } = await exported(model);
    expect(proto.graph.inputs.map(({ name, shape }) => [name, shape])).toEqual([["input", ["batch", 6, 6, 2]]]);
    expect(proto.graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([["output", ["batch", 4]]]);
    const types = new Set(proto.graph.nodes.map((node) => node.opType));
    for (const type of types) expect(type).not.toMatch(/Random|Bernoulli|Dropout|BitShift|Gradient|ConvTranspose/);
    expect(proto.opsetImports.map(({ domain }) => domain)).toEqual([""]);
    // Weights by their names, and no optimizer slots.
    const names = proto.graph.initializers.map(({ name }) => name).filter((name) => name.includes("/"));
    expect(names.sort()).toEqual(model.variables.map((variable) => model.pathOf(variable)).sort());
    for (const batch of [1, 7]) {
      const x = noise(2, [batch, 6, 6, 2]);
      const { output } = await run({ input: new ort.Tensor("float32", x.data, x.shape) });
      const expected = await model.predict(x);
      expectClose(output as ort.Tensor, { data: (await expected.data()) as Float32Array, shape: expected.shape });
    }
  });

  it("holds class names, preprocessing and what else it is told", async () => {
    const model = sequential([layers.input([2]), layers.dense({ units: 2 })], { name: "cats" });
    const { proto } = await exported(model, {
      classNames: ["cat", "dög"],
      preprocessing: { scale: 1 / 255, order: "RGB" },
      metadata: { licence: "CC0" },
    });
    expect(proto.metadata).toEqual({ licence: "CC0", class_names: '["cat","dög"]', preprocessing: JSON.stringify({ scale: 1 / 255, order: "RGB" }) });
    expect(proto.graph.name).toBe("cats");
    await expect(model.toOnnx({ classnames: [] } as never)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
  });

  it("keeps the names of several inputs and outputs, and their dtypes", async () => {
    const [ids, side] = [layers.input([3], { name: "ids", dtype: "int32" }), layers.input([2], { name: "side" })];
    const text = layers.flatten()(layers.embedding({ inputDim: 5, outputDim: 2 })(ids));
    const both = layers.concatenate()([text, side]);
    const model = new Model({ inputs: [ids, side], outputs: { score: layers.dense({ units: 1 })(both), features: both } });
    const { proto, run } = await exported(model);
    expect(proto.graph.inputs.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual(["ids int32", "side float32"]);
    expect(proto.graph.outputs.map(({ name }) => name)).toEqual(["score", "features"]);
    const results = await run({
      ids: new ort.Tensor("int32", Int32Array.of(0, 1, 2, 3, 4, 0), [2, 3]),
      side: new ort.Tensor("float32", Float32Array.of(1, 2, 3, 4), [2, 2]),
    });
    const expected = await model.predictAll({ ids: [[0, 1, 2], [3, 4, 0]], side: [[1, 2], [3, 4]] });
    for (const [i, name] of ["score", "features"].entries()) {
      expectClose(results[name] as ort.Tensor, { data: (await expected[i]!.data()) as Float32Array, shape: expected[i]!.shape });
    }
  });

  it("writes outputs that are an input, or one value twice", async () => {
    const x = layers.input([2], { name: "x" });
    const y = layers.dense({ units: 2, name: "y_layer" })(x);
    const model = new Model({ inputs: x, outputs: { same: x, once: y, twice: y } });
    const { run } = await exported(model);
    const { same, once, twice } = await run({ x: new ort.Tensor("float32", Float32Array.of(1, 2), [1, 2]) });
    expect(Array.from((same as ort.Tensor).data as Float32Array)).toEqual([1, 2]);
    expect((once as ort.Tensor).data).toEqual((twice as ort.Tensor).data);
    expect((once as ort.Tensor).data).not.toEqual((same as ort.Tensor).data);
  });

  it("survives inputs that are called like the writer's own values, and like a weight", async () => {
    for (const name of ["v0", "v1", "dense/kernel", "constant_0"]) {
      const x = layers.input([2], { name });
      const model = new Model({ inputs: x, outputs: layers.dense({ units: 1, activation: "gelu" })(x) });
      const { run } = await exported(model);
      const { output } = await run({ [name]: new ort.Tensor("float32", Float32Array.of(1, 2), [1, 2]) });
      const expected = await model.predict([[1, 2]]);
      expectClose(output as ort.Tensor, { data: (await expected.data()) as Float32Array, shape: [1, 1] });
    }
  });

  it("writes data that a layer captured", async () => {
    const table = tensor([[10, 20]]);
    const shift = defineLayer({ className: "ExportTestShift", defaults: {}, call: (_context, x) => x.add(table) });
    const model = sequential([layers.input([2]), shift(), layers.dense({ units: 2, kernelInitializer: "identity", useBias: false })]);
    const { run } = await exported(model);
    const { output } = await run({ input: new ort.Tensor("float32", Float32Array.of(1, 2), [1, 2]) });
    expect(Array.from((output as ort.Tensor).data as Float32Array)).toEqual([11, 22]);
  });

  it("does not change the model", async () => {
    const model = sequential([layers.input([2]), layers.dense({ units: 2 })]).compile({ optimizer: "sgd", loss: "mse" });
    await model.fit({ x: [[1, 2]], y: [[3, 4]] }, { verbose: "silent" });
    const before = await model.toBytes();
    await model.toOnnx();
    expect(await model.toBytes()).toEqual(before);
  });
});
