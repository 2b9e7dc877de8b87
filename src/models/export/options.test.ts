import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { fromArrays } from "../../data/index.js";
import { type ExportOptions, importOnnx, layers, Model, type OnnxOptions, sequential } from "../../index.js";
import { decodeModel } from "../../onnx/proto.js";

/** ONNX Runtime fuses a file of constants otherwise than our programs. */
const DIGITS = 5;

const small = (): Model => sequential([layers.input([3]), layers.dense({ units: 4, activation: "gelu" }), layers.dense({ units: 3, activation: "softmax" })]);
const x = { data: Float32Array.of(1, -2, 3, 0.5, 0, -1), shape: [2, 3] };

async function run(bytes: Uint8Array, feeds: Readonly<Record<string, ort.Tensor>>): Promise<Readonly<Record<string, ort.Tensor>>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  return (await session.run(feeds)) as Record<string, ort.Tensor>;
}

function feed({ data, shape }: { data: Float32Array; shape: readonly number[] }): ort.Tensor {
  return new ort.Tensor("float32", data, shape);
}

async function expectSame(found: ort.Tensor, model: Model, data = x): Promise<void> {
  const expected = await (await model.predict(data)).data();
  expect(found.data.length).toBe(expected.length);
  Array.from(found.data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(Number(expected[i]), DIGITS));
}

describe("the version of operators", () => {
  it("is what the option says, with the same numbers", async () => {
    const model = small();
    for (const opset of [17, 18, 19, 20, 21]) {
      const bytes = await model.toOnnx({ opset });
      expect(decodeModel(bytes).opsetImports).toEqual([{ domain: "", version: opset }]);
      await expectSame((await run(bytes, { input: feed(x) }))["output"]!, model);
    }
  });

  it("is from 17 to 21", async () => {
    for (const opset of [16, 22, 17.5, "17" as never]) await expect(small().toOnnx({ opset })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});

describe("names and dimensions", () => {
  it("are those that the user chooses", async () => {
    const model = small();
    const bytes = await model.toOnnx({ inputNames: { input: "v0" }, outputNames: { output: "dense/kernel" }, dimensions: { batch: "N" } });
    const { graph } = decodeModel(bytes);
    expect(graph.inputs).toEqual([{ name: "v0", dtype: "float32", shape: ["N", 3] }]);
    expect(graph.outputs).toEqual([{ name: "dense/kernel", dtype: "float32", shape: ["N", 3] }]);
    await expectSame((await run(bytes, { v0: feed(x) }))["dense/kernel"]!, model);
  });

  it("fixes a free dimension", async () => {
    const model = small();
    const bytes = await model.toOnnx({ dimensions: { batch: 2 } });
    expect(decodeModel(bytes).graph.outputs[0]!.shape).toEqual([2, 3]);
    await expectSame((await run(bytes, { input: feed(x) }))["output"]!, model);
    await expect(run(bytes, { input: feed({ data: new Float32Array(3), shape: [1, 3] }) })).rejects.toThrow(/Expected: 2/);
  });

  const wrong: readonly [OnnxOptions, string, RegExp][] = [
    [{ inputNames: { inptu: "x" } }, "UNKNOWN_NAME", /inputNames.*did you mean "input"/],
    [{ inputNames: { input: "" } }, "BAD_ARGUMENT", /inputNames/],
    [{ inputNames: { input: "output" } }, "BAD_ARGUMENT", /"output" twice/],
    [{ outputNames: { output: "label_index" }, labels: true }, "BAD_ARGUMENT", /"label_index" twice/],
    [{ inputNames: ["x"] as never }, "BAD_ARGUMENT", /inputNames/],
    [{ dimensions: { time: 3 } }, "UNKNOWN_NAME", /one of the free dimensions batch/],
    [{ dimensions: { batch: 0 } }, "BAD_ARGUMENT", /dimensions/],
    [{ dimensions: { batch: "2*n" } }, "BAD_ARGUMENT", /dimensions/],
    [{ metrics: { accuracy: NaN } }, "BAD_ARGUMENT", /metrics/],
    [{ classNames: "cat" as never }, "BAD_ARGUMENT", /classNames.*a list of names/],
    [{ metadata: { a: 3 as never } }, "BAD_ARGUMENT", /metadata.*texts/],
    [{ trainingData: 3 as never }, "BAD_ARGUMENT", /trainingData.*a dataset/],
    [{ prepare: 3 as never }, "BAD_ARGUMENT", /prepare.*layers by the name/],
    [{ labels: "yes" as never }, "BAD_ARGUMENT", /labels/],
    [{ modelVersion: -1 }, "BAD_ARGUMENT", /modelVersion/],
    [{ producer: { nam: "x" } as never }, "UNKNOWN_NAME", /producer/],
    [{ externalData: true } as ExportOptions, "UNKNOWN_NAME", /toOnnx/],
  ];
  for (const [options, code, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const failed = small().toOnnx(options);
      await expect(failed).rejects.toMatchObject({ code });
      await expect(failed).rejects.toThrow(message);
    });
  }
});

describe("what a file says of itself", () => {
  it("tells producer, version, metrics and the data", async () => {
    const data = fromArrays({ inputs: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], labels: [0, 1, 2] });
    const bytes = await small().toOnnx({
      producer: { name: "vet", version: "2.1" },
      modelVersion: 7,
      description: "Cats and dogs",
      metrics: { accuracy: 0.98 },
      trainingData: data,
    });
    const proto = decodeModel(bytes);
    expect([proto.producerName, proto.producerVersion, proto.modelVersion, proto.docString]).toEqual(["vet", "2.1", 7, "Cats and dogs"]);
    expect(proto.metadata).toEqual({ metrics: '{"accuracy":0.98}', training_data: await data.fingerprint() });
    expect(decodeModel(await small().toOnnx({ trainingData: "v3" })).metadata).toEqual({ training_data: "v3" });
  });
});

describe("labels", () => {
  it("name the likeliest class", async () => {
    const model = small();
    const classNames = ["cat", "dög", "emu"];
    const found = await run(await model.toOnnx({ labels: true, classNames }), { input: feed(x) });
    await expectSame(found["output"]!, model);
    const rows = (await (await model.predict(x)).toArray()) as number[][];
    const best = rows.map((row) => row.indexOf(Math.max(...row)));
    expect(found["label_index"]!.dims).toEqual([2]);
    expect(Array.from(found["label_index"]!.data as BigInt64Array, Number)).toEqual(best);
    expect(Array.from(found["label"]!.data as string[])).toEqual(best.map((i) => classNames[i]));
  });

  it("name the first few, with their scores, in every version", async () => {
    const model = small();
    const rows = (await (await model.predict(x)).toArray()) as number[][];
    for (const opset of [17, 21]) {
      const found = await run(await model.toOnnx({ labels: { top: 2 }, classNames: ["a", "b", "c"], opset }), { input: feed(x) });
      const order = rows.map((row) => row.map((_, i) => i).sort((i, j) => row[j]! - row[i]!).slice(0, 2));
      expect(found["label_score"]!.dims).toEqual([2, 2]);
      expect(Array.from(found["label_index"]!.data as BigInt64Array, Number)).toEqual(order.flat());
      expect(Array.from(found["label"]!.data as string[])).toEqual(order.flat().map((i) => "abc"[i]));
      Array.from(found["label_score"]!.data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(rows[i >> 1]![order.flat()[i]!]!, DIGITS));
    }
  });

  it("come from one number with a threshold", async () => {
    const model = sequential([layers.input([1]), layers.dense({ units: 1, kernelInitializer: "ones" })]);
    const input = new ort.Tensor("float32", Float32Array.of(-1, 0.4, 0.6), [3, 1]);
    const decided = async (labels: OnnxOptions["labels"]) =>
      Array.from((await run(await model.toOnnx({ labels: labels!, classNames: ["no", "yes"] }), { input }))["label"]!.data as string[]);
    expect(await decided(true)).toEqual(["no", "no", "yes"]);
    expect(await decided({ threshold: 0 })).toEqual(["no", "yes", "yes"]);
    await expect(model.toOnnx({ labels: { top: 1 } })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("take one of several outputs", async () => {
    const input = layers.input([3]);
    const model = new Model({ inputs: input, outputs: { features: input, scores: layers.dense({ units: 2 })(input) } });
    await expect(model.toOnnx({ labels: true })).rejects.toThrow(/features, scores/);
    const { graph } = decodeModel(await model.toOnnx({ labels: { output: "scores" } }));
    expect(graph.outputs.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual(["features float32", "scores float32", "label_index int64"]);
    await expect(model.toOnnx({ labels: { output: "scores" }, classNames: ["a"] })).rejects.toThrow(/2 names/);
  });
});

describe("preparation in the graph", () => {
  const pictures = (): Model => sequential([layers.input([4, 4, 3], { name: "image" }), layers.conv2d({ filters: 2, kernelSize: 3 }), layers.flatten()]);
  const bytes = Uint8Array.from({ length: 2 * 4 * 4 * 3 }, (_, i) => (i * 37) % 256);

  it("turns bytes into what the model takes", async () => {
    const model = pictures();
    const mean = [0.4, 0.5, 0.6];
    const variance = [0.01, 0.04, 0.09];
    const prepare = { image: { layers: [layers.rescaling({ scale: 1 / 255 }), layers.normalization({ mean, variance })] } };
    const file = await model.toOnnx({ prepare, opset: 18 });
    expect(decodeModel(file).graph.inputs).toEqual([{ name: "image", dtype: "uint8", shape: ["batch", 4, 4, 3] }]);
    const found = await run(file, { image: new ort.Tensor("uint8", bytes, [2, 4, 4, 3]) });
    const data = Float32Array.from(bytes, (byte, i) => (byte / 255 - mean[i % 3]!) / Math.sqrt(variance[i % 3]!));
    await expectSame(found["output"]!, model, { data, shape: [2, 4, 4, 3] });
    // It is a model as others are.
    const again = await importOnnx(file);
    await expectSame(found["output"]!, again, { data: Float32Array.from(bytes), shape: [2, 4, 4, 3] });
  });

  it("holds the statistics of a dataset, and changes shapes", async () => {
    const model = pictures();
    const scale = layers.normalization();
    await scale.adapt({ data: Float32Array.from(bytes), shape: [2, 4, 4, 3] });
    const file = await model.toOnnx({ prepare: { image: { layers: [layers.permute({ dims: [2, 3, 1] }), scale], shape: [3, 4, 4], dtype: "float32" } } });
    const raw = Float32Array.from(bytes);
    const found = await run(file, { image: feed({ data: raw, shape: [2, 3, 4, 4] }) });
    const turned = Float32Array.from(raw, (_, i) => raw[Math.floor(i / 48) * 48 + (i % 3) * 16 + Math.floor((i % 48) / 3)]!);
    const prepared = await sequential([layers.input([4, 4, 3]), scale]).predict({ data: turned, shape: [2, 4, 4, 3] });
    await expectSame(found["output"]!, model, { data: Float32Array.from((await prepared.data()) as Float32Array), shape: [2, 4, 4, 3] });
    expect(decodeModel(file).graph.initializers.map(({ name }) => name)).toContain("normalization/mean");
  });

  it("refuses what does not fit", async () => {
    const model = pictures();
    const rescaling = layers.rescaling({ scale: 1 });
    await expect(model.toOnnx({ prepare: { img: { layers: [rescaling] } } })).rejects.toThrow(/did you mean|image/);
    await expect(model.toOnnx({ prepare: { image: { layers: [] } } })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(model.toOnnx({ prepare: { image: { layers: [rescaling], shape: [8, 8, 3] } } })).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
    await expect(model.toOnnx({ prepare: { image: rescaling as never } })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
