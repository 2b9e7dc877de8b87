import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { fromBytes, importOnnx, layers, Model, optimizers, sequential } from "../index.js";
import { keyOf, normals } from "../random/host.js";

const x = { shape: [24, 5], data: normals(keyOf(1), 120) };
const y = { shape: [24, 2], data: normals(keyOf(2), 48) };

const dense = (): Model =>
  sequential([layers.input([5]), layers.dense({ units: 6, name: "low", activation: "tanh" }), layers.batchNormalization(), layers.dense({ units: 2, name: "high" })], { seed: 4 });

/** Tokens through embedding, attention and einsumDense. */
function language(): Model {
  const ids = layers.input([6], { dtype: "int32" });
  const h = layers.embedding({ inputDim: 9, outputDim: 8 })(ids);
  const a = layers.multiHeadAttention({ numHeads: 2, keyDim: 4 })([h, h]);
  return new Model({ inputs: ids, outputs: layers.einsumDense({ equation: "btc,cd->btd", outputShape: [null, 3] })(a), seed: 2 });
}

const predictions = async (model: Model, data: unknown = x): Promise<number[]> => Array.from((await (await model.predict(data as never)).data()) as Float32Array);

async function valuesOf(model: Model): Promise<Record<string, number[]>> {
  return Object.fromEntries(await Promise.all(model.variables.map(async (variable) => [model.pathOf(variable), Array.from((await variable.read()) as Float32Array)] as const)));
}

const pathsOf = (model: Model): string[] => model.trainableVariables.map((variable) => model.pathOf(variable));

function near(a: readonly number[], b: readonly number[], tolerance: number): void {
  expect(a).toHaveLength(b.length);
  a.forEach((value, i) => expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(tolerance));
}

describe("model.addLora", () => {
  it("changes no prediction at first, trains the adapters alone, and merges into the weights", async () => {
    const model = dense();
    const before = await predictions(model);
    const original = await valuesOf(model);
    expect(model.addLora("**", { rank: 2, alpha: 3 })).toEqual(["low/kernel", "high/kernel"]);
    expect(pathsOf(model)).toEqual(["low/lora_kernel_a", "low/lora_kernel_b", "high/lora_kernel_a", "high/lora_kernel_b"]);
    // W + 0 is W.
    expect(await predictions(model)).toEqual(before);
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: "mse" });
    const { loss } = await model.evaluate({ x, y });
    await model.fit({ x, y }, { epochs: 20, batchSize: 8, verbose: "silent", seed: 1 });
    expect((await model.evaluate({ x, y })).loss).toBeLessThan(0.8 * loss);
    const trained = await valuesOf(model);
    for (const [path, values] of Object.entries(original)) expect(trained[path], path).toEqual(values);
    const after = await predictions(model);
    const count = model.parameterCount;
    expect(await model.mergeLora()).toEqual(["low/kernel", "high/kernel"]);
    expect(model.parameterCount).toBe(count - 2 * (5 + 6) - 2 * (6 + 2));
    // One rounding of a weight more or less.
    near(await predictions(model), after, 1e-5);
    const merged = await valuesOf(model);
    const [w, a, b] = ["low/kernel", "low/lora_kernel_a", "low/lora_kernel_b"].map((path) => trained[path]!) as [number[], number[], number[]];
    const byHand = w.map((value, at) => value + (3 / 2) * [0, 1].reduce((sum, k) => sum + a[Math.floor(at / 6) * 2 + k]! * b[k * 6 + (at % 6)]!, 0));
    near(merged["low/kernel"]!, byHand, 1e-6);
    expect(pathsOf(model)).toEqual([]);
    model.unfreeze("**");
    expect(pathsOf(model)).toHaveLength(6);
  });

  it("follows the gradients of A and B by hand", async () => {
    const model = sequential([layers.input([2]), layers.dense({ units: 2, useBias: false, name: "d" })], { seed: 1 });
    model.addLora("d", { rank: 1, alpha: 2, seed: 5 });
    const [w, a, b] = (await Promise.all(model.variables.map((variable) => variable.read()))) as [Float32Array, Float32Array, Float32Array];
    expect(Array.from(b)).toEqual([0, 0]);
    b.set([0.5, -0.25]);
    model.variables[2]!.assign(b);
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: "mse" });
    const [input, target] = [[1, -2], [0.5, 1]];
    // loss = mean (x (W + 2 A B) - t)², so dW = xᵀ (y - t), dA = 2 dW Bᵀ, dB = 2 Aᵀ dW.
    const whole = [0, 1, 2, 3].map((at) => w[at]! + 2 * a[at >> 1]! * b[at & 1]!);
    const miss = [0, 1].map((j) => input[0]! * whole[j]! + input[1]! * whole[2 + j]! - target[j]!);
    const dW = [0, 1, 2, 3].map((at) => input[at >> 1]! * miss[at & 1]!);
    const newA = [0, 1].map((i) => a[i]! - 0.1 * 2 * (dW[2 * i]! * b[0]! + dW[2 * i + 1]! * b[1]!));
    const newB = [0, 1].map((j) => b[j]! - 0.1 * 2 * (a[0]! * dW[j]! + a[1]! * dW[2 + j]!));
    await model.trainOnBatch({ x: [input], y: [target] });
    const values = await valuesOf(model);
    near(values["d/lora_kernel_a"]!, newA, 1e-6);
    near(values["d/lora_kernel_b"]!, newB, 1e-6);
  });

  it("adapts embedding, attention and einsumDense", async () => {
    const model = language();
    const ids = { shape: [4, 6], data: Int32Array.from({ length: 24 }, (_, i) => (i * 5) % 9) };
    const target = { shape: [4, 6, 3], data: normals(keyOf(3), 72) };
    const before = await predictions(model, ids);
    const paths = model.addLora("**", { rank: 2 });
    expect(paths).toEqual(["embedding/embeddings", ...["query", "key", "value", "attention_output"].map((part) => `multi_head_attention/${part}/kernel`), "einsum_dense/kernel"]);
    expect(await predictions(model, ids)).toEqual(before);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit({ x: ids, y: target }, { epochs: 3, verbose: "silent", seed: 1 });
    const after = await predictions(model, ids);
    expect(after).not.toEqual(before);
    await model.mergeLora();
    near(await predictions(model, ids), after, 1e-5);
  });

  it("lives on in files, where training goes on, and in exports", async () => {
    const model = dense().compile({ optimizer: "adam", loss: "mse" });
    model.addLora("high", { rank: 1, alpha: 2 });
    await model.fit({ x, y }, { epochs: 2, verbose: "silent", seed: 1 });
    const copy = await fromBytes(await model.toBytes());
    expect(pathsOf(copy)).toEqual(["high/lora_kernel_a", "high/lora_kernel_b"]);
    expect(await predictions(copy)).toEqual(await predictions(model));
    for (const each of [model, copy]) await each.fit({ x, y }, { epochs: 4, verbose: "silent", seed: 1, resume: true });
    expect(await valuesOf(copy)).toEqual(await valuesOf(model));
    near(await predictions(await importOnnx(await model.toOnnx())), await predictions(model), 1e-5);
    await copy.mergeLora();
    const last = await fromBytes(await copy.toBytes());
    expect(last.parameterCount).toBe(dense().parameterCount);
    expect(await predictions(last)).toEqual(await predictions(copy));
  });

  it("adapts the matrices of imported graphs, known by their names in the file", async () => {
    const model = await importOnnx(await dense().toOnnx());
    const before = await predictions(model);
    expect(model.addLora(/kernel/, { rank: 2 })).toHaveLength(2);
    expect(pathsOf(model)).toEqual(["graph/low/lora_kernel_a", "graph/low/lora_kernel_b", "graph/high/lora_kernel_a", "graph/high/lora_kernel_b"]);
    expect(await predictions(model)).toEqual(before);
    const original = await valuesOf(model);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit({ x, y }, { epochs: 3, verbose: "silent", seed: 1 });
    const trained = await valuesOf(model);
    for (const path of Object.keys(original).filter((name) => !name.includes("lora"))) expect(trained[path], path).toEqual(original[path]);
    const after = await predictions(model);
    near(await predictions(await fromBytes(await model.toBytes())), after, 0);
    await model.mergeLora();
    near(await predictions(model), after, 1e-5);
  });

  it("trains and saves adapters that follow merged ones, of whatever rank", async () => {
    for (const rank of [2, 3]) {
      const model = dense();
      model.compile({ optimizer: "adam", loss: "mse" });
      model.addLora("**", { rank: 2, alpha: 3 });
      await model.fit({ x, y }, { epochs: 1, verbose: "silent", seed: 1 });
      await model.mergeLora();
      model.addLora("**", { rank, alpha: 3 });
      const loaded = await fromBytes(await model.toBytes());
      const before = await valuesOf(model);
      for (const each of [model, loaded]) await each.fit({ x, y }, { epochs: 2, verbose: "silent", seed: 1 });
      const after = await valuesOf(model);
      for (const path of pathsOf(model)) expect(after[path], path).not.toEqual(before[path]);
      expect(await valuesOf(loaded)).toEqual(after);
    }
  });

  it("lets a new head be trained beside it", async () => {
    const model = dense();
    model.addLora("low", { rank: 1 });
    model.unfreeze("high");
    expect(pathsOf(model)).toEqual(["low/lora_kernel_a", "low/lora_kernel_b", "high/kernel", "high/bias"]);
  });

  it("refuses what cannot be", async () => {
    const model = dense();
    expect(() => model.addLora("batch_normalization", { rank: 2 })).toThrow(/matrices low\/kernel, high\/kernel/);
    expect(() => model.addLora("lov", { rank: 2 })).toThrow(/did you mean "low"/);
    expect(() => model.addLora("low", { rank: 0 })).toThrow(/rank/);
    expect(() => model.addLora("low", { rank: 2, alpha: NaN })).toThrow(/alpha/);
    expect(() => model.addLora("low", {} as never)).toThrow(/rank/);
    await expect(model.mergeLora()).rejects.toThrow(/addLora/);
    model.addLora("low", { rank: 2 });
    expect(() => model.addLora("low", { rank: 2 })).toThrow(/mergeLora/);
    await expect(model.toBytes({ format: "keras" })).rejects.toThrow(/low\/kernel.*mergeLora/);
  });
});
