import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importOnnx, layers, losses, Model, type SymbolicTensor, sequential } from "nacre";
import { csv, type Dataset } from "nacre/data";
import { readFileBytes } from "../../files/disk.js";
import { decodeModel, encodeModel } from "../../onnx/proto.js";
import { quantize, type QuantizeKind } from "./index.js";

const KINDS: readonly QuantizeKind[] = ["int8", "dynamicInt8", "float16", "int8Weights", "float16Weights"];

/**
 * How far outputs may be from those of float32, as a share of the largest: 8 bits are steps of 0.4 %
 * (values) and 0.8 % (weights), of which a few layers add up; half floats have 11 bits.
 */
const BOUNDS: Readonly<Record<QuantizeKind, number>> = { int8: 0.08, dynamicInt8: 0.05, int8Weights: 0.05, float16: 0.005, float16Weights: 0.003 };

const quick = { measureSpeed: false } as const;
const ROWS = 8;

const waves = (shape: readonly number[], step = 1.3): { data: Float32Array; shape: readonly number[] } => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * step)),
  shape,
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-ship-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Values = { readonly data: Float32Array | Int32Array | BigInt64Array; readonly shape: readonly number[] };

/** The operators that plain ONNX Runtime makes of a file, and how far its outputs are from the model's. */
async function inOnnxRuntime(model: Model, bytes: Uint8Array, inputs: Readonly<Record<string, Values>>, least = 1e-3): Promise<{ worst: number; operators: Set<string> }> {
  const optimizedModelFilePath = join(folder, "optimized.onnx");
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, optimizedModelFilePath } as ort.InferenceSession.SessionOptions);
  const feeds = Object.entries(inputs).map(([name, { data, shape }], i) => [name, new ort.Tensor(model.inputs[i]!.dtype as "float32", data as Float32Array, shape)] as const);
  const found = await session.run(Object.fromEntries(feeds));
  const expected = await model.predictAll(inputs as never);
  let worst = 0;
  for (const [i, name] of model.outputNames.entries()) {
    const wanted = (await expected[i]!.data()) as Float32Array;
    expect(found[name]!.dims).toEqual(expected[i]!.shape);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), least);
    (found[name]!.data as Float32Array).forEach((value, k) => (worst = Math.max(worst, Math.abs(value - wanted[k]!) / largest)));
  }
  const { graph } = decodeModel(await readFileBytes(optimizedModelFilePath));
  return { worst, operators: new Set(graph.nodes.map(({ opType }) => opType)) };
}

/** Makes a model smaller in each way, and checks each file; outputs below `least` count as if they were as large. */
async function everyKind(model: Model, inputs: Readonly<Record<string, Values>>, kinds = KINDS, least = 1e-3): Promise<Record<QuantizeKind, Set<string>>> {
  const found: Partial<Record<QuantizeKind, Set<string>>> = {};
  const calibration = { x: model.inputNames.length === 1 ? Object.values(inputs)[0]! : inputs, y: Array<number>(ROWS).fill(0) };
  for (const kind of kinds) {
    const { bytes, weights } = await quantize(model, { kind, ...quick, ...(kind === "int8" ? { calibration: calibration as never } : {}) });
    const { worst, operators } = await inOnnxRuntime(model, bytes, inputs, least);
    expect(worst, `${kind} of ${model.where}`).toBeLessThan(BOUNDS[kind]);
    expect(weights.length).toBeGreaterThan(0);
    found[kind] = operators;
  }
  return found as Record<QuantizeKind, Set<string>>;
}

describe("quantize", () => {
  it("turns convolutions, their normalizations, residuals and pools into operators of whole numbers", async () => {
    const x = layers.input([8, 8, 3]);
    const stem = layers.activation({ activation: "relu" })(layers.batchNormalization()(layers.conv2d({ filters: 8, kernelSize: 3, padding: "same" })(x)));
    const deep = layers.batchNormalization()(layers.depthwiseConv2d({ kernelSize: 3, padding: "same" })(stem));
    const joined = layers.activation({ activation: "relu" })(layers.add()([stem, deep]));
    const pooled = layers.flatten()(layers.maxPooling2d()(layers.concatenate()([joined, layers.separableConv2d({ filters: 4, kernelSize: 3, padding: "same" })(joined)])));
    const model = new Model({ inputs: x, outputs: layers.dense({ units: 3, activation: "softmax" })(pooled) });
    model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    const images = waves([ROWS, 8, 8, 3]);
    // Statistics that are neither 0 nor 1.
    await model.fit({ x: images, y: Array.from({ length: ROWS }, (_, i) => i % 3) }, { epochs: 2, verbose: "silent" });
    const operators = await everyKind(model, { [model.inputNames[0]!]: images });
    for (const name of ["QLinearConv", "QLinearAdd", "QGemm"]) expect([...operators.int8]).toContain(name);
    for (const name of ["Conv", "MatMul", "Gemm", "Add"]) expect([...operators.int8]).not.toContain(name);
    expect([...operators.dynamicInt8]).toContain("DynamicQuantizeMatMul");
  });

  it("keeps the scale of what only moves", async () => {
    const model = sequential([layers.input([6, 6, 1]), layers.conv2d({ filters: 4, kernelSize: 3 }), layers.maxPooling2d(), layers.flatten(), layers.dense({ units: 2 })]);
    const { bytes } = await quantize(model, { kind: "int8", calibration: { x: waves([ROWS, 6, 6, 1]), y: Array<number>(ROWS).fill(0) }, ...quick });
    const { nodes, initializers } = decodeModel(bytes).graph;
    const scaleOf = (opType: string, end: "inputs" | "outputs", name: string): string => {
      const [, scale, zero] = nodes.find((node) => node.opType === opType && node[end][0] === name)!.inputs;
      return [scale, zero].map((input) => initializers.find((tensor) => tensor.name === input)!.data.join()).join(" ");
    };
    const moving = nodes.filter(({ opType }) => /^(MaxPool|Transpose|Reshape)$/.test(opType));
    expect(moving.map(({ opType }) => opType)).toEqual(expect.arrayContaining(["MaxPool", "Reshape"]));
    for (const { inputs, outputs } of moving) expect(scaleOf("QuantizeLinear", "inputs", outputs[0]!)).toBe(scaleOf("DequantizeLinear", "outputs", inputs[0]!));
  });

  const file = (name: string): string => fileURLToPath(new URL(`../../../conformance/onnx/${name}.onnx`, import.meta.url));
  it.each(["mobile_11", "mlp", "resnet", "encoder", "unet_14", "gpt_dynseq", "gru_20", "recurrent"])("takes what was imported: %s", async (name) => {
    const model = await importOnnx(file(name));
    const inputs = model.inputs.map(({ dtype, shape }, i) => {
      const sizes = shape.map((dim, axis) => (typeof dim === "number" ? dim : axis === 0 ? ROWS : 7));
      const ids = Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, k) => k % 5);
      const data = dtype === "int64" ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids);
      return [model.inputNames[i]!, dtype === "float32" ? waves(sizes, 1.7) : { data, shape: sizes }] as const;
    });
    // It has convolutions alone.
    await everyKind(model, Object.fromEntries(inputs), name === "unet_14" ? KINDS.filter((kind) => kind !== "dynamicInt8") : KINDS);
  });

  it("stores what an embedding looks up by its rows", async () => {
    const ids = { data: Int32Array.from({ length: ROWS * 5 }, (_, i) => (i * 37) % 200), shape: [ROWS, 5] };
    const model = sequential([layers.input([5], { name: "ids", dtype: "int32" }), layers.embedding({ inputDim: 200, outputDim: 16 }), layers.globalAveragePooling1d(), layers.dense({ units: 8 })]);
    await everyKind(model, { ids });
    const { weights, size } = await quantize(model, { kind: "dynamicInt8", ...quick });
    expect(weights).toEqual(["embedding/embeddings", "dense/kernel"]);
    expect(size.after).toBeLessThan(size.before / 2);
  });

  it("stays within its bounds for networks of any layers", async () => {
    const dense = fc.record({ units: fc.integer({ min: 2, max: 12 }), activation: fc.constantFrom("relu", "tanh", "sigmoid", "gelu", "swish", null) });
    const conv = fc.record({ filters: fc.integer({ min: 2, max: 6 }), kernelSize: fc.integer({ min: 1, max: 3 }), activation: fc.constantFrom("relu", "relu6", "elu", null), extra: fc.constantFrom("none", "pool", "average", "norm", "residual") });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 99 }), fc.array(conv, { maxLength: 2 }), fc.array(dense, { minLength: 1, maxLength: 2 }), async (seed, convs, denses) => {
        const x = layers.input([6, 6, 2], { name: "x" });
        let h: SymbolicTensor = x;
        for (const { extra, activation, ...options } of convs) {
          const before: SymbolicTensor = h;
          h = layers.conv2d({ ...options, padding: "same", ...(activation === null ? {} : { activation }), biasInitializer: "randomNormal" })(h);
          if (extra === "pool") h = layers.maxPooling2d({ poolSize: 2, strides: 1, padding: "same" })(h);
          else if (extra === "average") h = layers.averagePooling2d({ poolSize: 2, strides: 1 })(h);
          else if (extra === "norm") h = layers.batchNormalization()(h);
          else if (extra === "residual") h = layers.add()([h, layers.conv2d({ filters: options.filters, kernelSize: 1 })(before)]);
        }
        h = layers.flatten()(h);
        for (const { units, activation } of denses) h = layers.dense({ units, ...(activation === null ? {} : { activation }), biasInitializer: "randomNormal" })(h);
        // Where the last but one layer's units are off, outputs are biases of 0.05, but rounding is a share of what is added up: inputs of 1.
        await everyKind(new Model({ inputs: x, outputs: h, seed }), { x: waves([ROWS, 6, 6, 2], 1.3 + seed) }, KINDS, 0.5);
      }),
      { numRuns: 12 },
    );
  });
});

describe("quantize of the digits convnet", () => {
  let train: Dataset;
  let test: Dataset;
  let model: Model;

  beforeAll(async () => {
    const path = fileURLToPath(new URL("../../../examples/data/digits.csv", import.meta.url));
    const digits = await csv(path, { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
    ({ train, test } = await digits.split({ test: 0.2, stratify: true, seed: 1 }));
    model = sequential([
      layers.input([8, 8, 1]),
      layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu", name: "first" }),
      layers.maxPooling2d(),
      layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu", name: "second" }),
      layers.flatten(),
      layers.dense({ units: 10, activation: "softmax", name: "head" }),
    ]).compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy(), metrics: ["accuracy"] }) as Model;
    await model.fit(train, { epochs: 5, seed: 1, verbose: "silent" });
  });

  it("keeps the accuracy within a point, whatever the range, and tells size, speed and results", async () => {
    const path = join(folder, "digits.int8.onnx");
    const report = await quantize(model, { kind: "int8", calibration: train, evaluate: test, maxLoss: { accuracy: 0.01, loss: 0.05 }, path });
    expect(await readFileBytes(path)).toEqual(report.bytes);
    expect(report.size.after).toBeLessThan(report.size.before / 2);
    expect(report.speed.map(({ rows }) => rows)).toEqual([1, 32]);
    expect(report.weights).toEqual(["first/kernel", "second/kernel", "head/kernel"]);
    const { accuracy } = await model.evaluate(test);
    // One program or another: a row may lie between two classes.
    expect(Math.abs(report.results["accuracy"]!.before - accuracy!)).toBeLessThan(0.005);
    expect(String(report)).toMatch(/^ +float32 +int8\nsize .* kB .* kB +÷ \d\.\d\n1 row .* ms .*\n32 rows .*\nloss .*\naccuracy +0\.\d{4}/);
    for (const range of ["minMax", "entropy"] as const) await quantize(model, { kind: "int8", range, calibration: train.take(200), evaluate: test, maxLoss: { accuracy: 0.01 }, ...quick });
  });

  it("writes nothing when the loss is above the bound", async () => {
    const path = join(folder, "refused.onnx");
    const before = await model.toBytes();
    // So narrow a range cuts off nearly everything.
    const options = { kind: "int8", calibration: train, percentile: 50.1, evaluate: test, ...quick } as const;
    const { results } = await quantize(model, options);
    const lost = results["loss"]!.after - results["loss"]!.before;
    expect(lost).toBeGreaterThan(0);
    await expect(quantize(model, { ...options, maxLoss: { loss: lost * 0.99 }, path })).rejects.toMatchObject({ code: "LOSS_BOUND" });
    await expect(access(path)).rejects.toThrow();
    await quantize(model, { ...options, maxLoss: { loss: lost * 1.01 }, path });
    await access(path);
    expect(await model.toBytes()).toEqual(before);
  });

  it("takes files for so many rows at once and no others", async () => {
    const proto = decodeModel(await model.toOnnx());
    const port = <T extends { readonly shape: readonly (number | string)[] | undefined }>(info: T): T => ({ ...info, shape: [4, ...info.shape!.slice(1)] });
    const graph = { ...proto.graph, inputs: proto.graph.inputs.map(port), outputs: proto.graph.outputs.map(port) };
    const fixed = (await importOnnx(encodeModel({ ...proto, graph }))).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const report = await quantize(fixed, { kind: "int8", calibration: train, evaluate: test.take(200), maxLoss: { accuracy: 0.02 } });
    expect(report.speed.map(({ rows }) => rows)).toEqual([4]);
  });

  it("stops when it is told to", async () => {
    const path = join(folder, "aborted.onnx");
    const controller = new AbortController();
    const slow = train.mapBatches((batch) => {
      controller.abort("enough");
      return batch;
    });
    const options = { kind: "int8", calibration: slow, path, signal: controller.signal } as const;
    await expect(quantize(model, options)).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    await expect(access(path)).rejects.toThrow();
  });

  it("leaves out what is excluded", async () => {
    const { bytes, weights } = await quantize(model, { kind: "int8", calibration: train, exclude: ["first/**", /^head/], ...quick });
    expect(weights).toEqual(["second/kernel"]);
    const { operators } = await inOnnxRuntime(model, bytes, { input: (await test.column("input")) as unknown as Values });
    for (const name of ["QLinearConv", "Conv"]) expect([...operators]).toContain(name);
    for (const kind of KINDS) {
      const options = kind === "int8" ? { calibration: train } : {};
      await expect(quantize(model, { kind, ...options, exclude: "**", ...quick })).rejects.toMatchObject({ code: "UNSUPPORTED" });
    }
  });

  it("refuses wrong options before it does anything", async () => {
    const refused = async (options: object, error: object): Promise<void> => {
      await expect(quantize(model, options as never)).rejects.toMatchObject(error);
    };
    await refused({}, { code: "BAD_ARGUMENT" });
    await refused({ kind: "int4" }, { code: "UNKNOWN_NAME" });
    await refused({ kind: "int8" }, { code: "BAD_ARGUMENT", fix: expect.stringContaining("calibration") });
    await refused({ kind: "float16", calibration: train }, { code: "BAD_ARGUMENT" });
    await refused({ kind: "int8", calibration: train, percentile: 30 }, { code: "BAD_ARGUMENT" });
    await refused({ kind: "int8", calibration: train, range: "max" }, { code: "UNKNOWN_NAME" });
    await refused({ kind: "int8", calibration: train.take(0) }, { code: "BAD_DATA" });
    await refused({ kind: "float16", maxLoss: { accuracy: 0.1 } }, { code: "BAD_ARGUMENT" });
    await refused({ kind: "float16", evaluate: test, maxLoss: { acuracy: 0.1 } }, { code: "UNKNOWN_NAME", fix: expect.stringContaining("accuracy") });
    await refused({ kind: "float16", evaluate: test, maxLoss: { accuracy: -1 } }, { code: "BAD_ARGUMENT" });
    await refused({ kind: "float16", exclude: "third/**" }, { code: "UNKNOWN_NAME" });
    await refused({ kind: "float16", speed: false }, { code: "UNKNOWN_NAME" });
    await refused({ kind: "float16", path: join(folder, "none/at/all.onnx"), ...quick }, { code: "FILE_ACCESS" });
    await expect(quantize("model.onnx" as never, { kind: "float16" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    const plain = await importOnnx(await model.toOnnx());
    await expect(quantize(plain, { kind: "float16", evaluate: test })).rejects.toMatchObject({ code: "NOT_COMPILED" });
  });
});
