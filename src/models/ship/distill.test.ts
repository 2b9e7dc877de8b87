import { describe, expect, it } from "vitest";
import { fromArrays } from "nacre/data";
import { callbacks, importOnnx, layers, losses, type Model, optimizers, sequential } from "nacre";
import { distill } from "./index.js";

const ROWS = 24;
const CLASSES = 3;
const x = { data: Float32Array.from({ length: ROWS * 2 }, (_, i) => Math.sin(i * 1.7) * 2), shape: [ROWS, 2] };
const y = Int32Array.from({ length: ROWS }, (_, i) => (x.data[2 * i]! > 0.8 ? 2 : x.data[2 * i + 1]! > 0 ? 1 : 0));
const silent = { verbose: "silent" } as const;

/** Sums of 24 rows in float32, ours in another order. */
const TOLERANCE = 1e-5;

const network = (options: { units?: number; activation?: "softmax" | "sigmoid"; outputs?: number; seed?: number } = {}): Model =>
  sequential(
    [
      layers.input([2]),
      layers.dense({ units: options.units ?? 8, activation: "tanh" }),
      layers.dense({ units: options.outputs ?? CLASSES, ...(options.activation === undefined ? {} : { activation: options.activation }) }),
    ],
    { seed: options.seed ?? 1 },
  );

/** Takes no step, so that the loss is that of the weights it began with. */
const still = (): ReturnType<typeof optimizers.sgd> => optimizers.sgd({ learningRate: 0 });

async function rowsOf(model: Model): Promise<number[][]> {
  return (await (await model.predict(x)).toArray()) as number[][];
}

const softmax = (logits: readonly number[], temperature = 1): number[] => {
  const powers = logits.map((value) => Math.exp(value / temperature));
  return powers.map((value) => value / powers.reduce((a, b) => a + b));
};
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
const divergence = (p: readonly number[], q: readonly number[]): number => p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]!), 0);

describe("distill", () => {
  it("has the loss of Hinton, Vinyals and Dean", async () => {
    const [teacher, student] = [network({ seed: 2 }), network({ seed: 3 })];
    student.compile({ optimizer: still(), loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), metrics: ["accuracy"] });
    const { logs } = await distill(teacher, student, { x, y }, { temperature: 2.5, alpha: 0.7, batchSize: ROWS, validation: { x, y }, ...silent });
    const [t, s] = [await rowsOf(teacher), await rowsOf(student)];
    const soft = mean(t.map((logits, i) => divergence(softmax(logits, 2.5), softmax(s[i]!, 2.5))));
    const hard = mean(s.map((logits, i) => -Math.log(softmax(logits)[y[i]!]!)));
    const expected = 0.7 * 2.5 ** 2 * soft + 0.3 * hard;
    expect(Math.abs(logs.loss![0]! - expected)).toBeLessThan(TOLERANCE * expected);
    expect(Math.abs(logs.val_loss![0]! - expected)).toBeLessThan(TOLERANCE * expected);
    expect(Object.keys(logs)).toContain("accuracy");
  });

  it("takes probabilities and logits of either side for the same", async () => {
    const found: number[] = [];
    for (const [theirs, ours] of [[undefined, undefined], ["softmax", undefined], [undefined, "softmax"], ["softmax", "softmax"]] as const) {
      const teacher = network({ seed: 2, ...(theirs === undefined ? {} : { activation: theirs }) });
      const student = network({ seed: 3, ...(ours === undefined ? {} : { activation: ours }) });
      student.compile({ optimizer: still(), loss: losses.sparseCategoricalCrossentropy({ fromLogits: ours === undefined }) });
      found.push((await distill(teacher, student, { x, y }, { batchSize: ROWS, ...silent })).logs.loss![0]!);
    }
    // The same teacher from a file whose last operator is no softmax: its outputs must be called what they are.
    const inner = network({ seed: 2, activation: "softmax" });
    inner.initialize();
    const behind = sequential([layers.input([2]), inner, layers.reshape({ targetShape: [CLASSES] })]);
    const student = network({ seed: 3 }).compile({ optimizer: still(), loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
    const told = { teacherOutputs: "probabilities", batchSize: ROWS, ...silent } as const;
    found.push((await distill(await importOnnx(await behind.toOnnx()), student, { x, y }, told)).logs.loss![0]!);
    for (const loss of found) expect(Math.abs(loss - found[0]!)).toBeLessThan(TOLERANCE * found[0]!);
    const wrong = await distill(await importOnnx(await behind.toOnnx()), student, { x, y }, { ...told, teacherOutputs: "logits" });
    expect(Math.abs(wrong.logs.loss![0]! - found[0]!)).toBeGreaterThan(0.01);
  });

  it("compares each sigmoid of binary outputs", async () => {
    const labels = { data: Float32Array.from(y, (label) => (label > 0 ? 1 : 0)), shape: [ROWS, 1] };
    const [teacher, student] = [network({ seed: 2, outputs: 1, activation: "sigmoid" }), network({ seed: 3, outputs: 1 })];
    student.compile({ optimizer: still(), loss: losses.binaryCrossentropy({ fromLogits: true }) });
    const { logs } = await distill(teacher, student, { x, y: labels }, { temperature: 2, alpha: 1, batchSize: ROWS, ...silent });
    const [t, s] = [await rowsOf(teacher), await rowsOf(student)];
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    const pairs = t.map(([p], i) => [sigmoid(Math.log(p! / (1 - p!)) / 2), sigmoid(s[i]![0]! / 2)] as const);
    const expected = 4 * mean(pairs.map(([p, q]) => divergence([p, 1 - p], [q, 1 - q])));
    expect(Math.abs(logs.loss![0]! - expected)).toBeLessThan(TOLERANCE);
  });

  it("imitates measured values, with sample weights, without labels", async () => {
    const [teacher, student] = [network({ seed: 2 }), network({ seed: 3 })];
    student.compile({ optimizer: still(), loss: "meanSquaredError" });
    const sampleWeight = Float32Array.from({ length: ROWS }, (_, i) => i / ROWS);
    const data = fromArrays({ inputs: x, sampleWeight });
    const { logs } = await distill(teacher, student, data, { alpha: 1, batchSize: ROWS, ...silent });
    const [t, s] = [await rowsOf(teacher), await rowsOf(student)];
    const expected = mean(t.map((row, i) => (mean(row.map((value, k) => (value - s[i]![k]!) ** 2)) * i) / ROWS));
    expect(Math.abs(logs.loss![0]! - expected)).toBeLessThan(TOLERANCE);
  });

  it("teaches: the student comes to answer as the teacher, which stays as it is, drops nothing and counts nothing", async () => {
    const teacher = sequential([layers.input([2]), layers.dense({ units: 8, activation: "tanh" }), layers.batchNormalization(), layers.dropout({ rate: 0.5 }), layers.dense({ units: CLASSES })]);
    teacher.compile({ optimizer: optimizers.adam({ learningRate: 0.03 }), loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
    await teacher.fit({ x, y }, { epochs: 40, ...silent });
    const before = await Promise.all(teacher.variables.map((variable) => variable.read()));
    const student = network({ seed: 5, units: 16 });
    student.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), metrics: ["accuracy"] });
    const { logs } = await distill(teacher, student, fromArrays({ inputs: x }), { alpha: 1, epochs: 150, ...silent });
    expect(logs.loss!.at(-1)!).toBeLessThan(logs.loss![0]! / 50);
    expect(await Promise.all(teacher.variables.map((variable) => variable.read()))).toEqual(before);
    const [t, s] = [await rowsOf(teacher), await rowsOf(student)];
    expect(mean(t.map((logits, i) => divergence(softmax(logits), softmax(s[i]!))))).toBeLessThan(0.02);
    // A normal model afterwards.
    expect((await student.evaluate({ x, y })) as Record<string, number>).toHaveProperty("accuracy");
    await student.fit({ x, y }, silent);
  });

  it("calls back, stops and goes on as fit does", async () => {
    const make = (): Model => network({ seed: 3 }).compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
    const teacher = network({ seed: 2 });
    const [whole, parts] = [make(), make()];
    const options = { epochs: 4, batchSize: 8, seed: 7, ...silent };
    const { logs } = await distill(teacher, whole, { x, y }, options);
    const stop = new AbortController();
    const interrupted = distill(teacher, parts, { x, y }, { ...options, signal: stop.signal, callbacks: [{ name: "stop", onEpochEnd: (epoch) => void (epoch === 1 && stop.abort()) }] });
    await expect(interrupted).rejects.toMatchObject({ code: "ABORTED" });
    const rest = await distill(teacher, parts, { x, y }, { ...options, resume: true });
    expect(rest.logs.loss).toEqual(logs.loss);
    expect(await rowsOf(parts)).toEqual(await rowsOf(whole));
    const early = await distill(teacher, make(), { x, y }, { ...options, epochs: 50, validation: 0.25, callbacks: [callbacks.earlyStopping({ patience: 0, minDelta: 100 })] });
    expect(early.logs.val_loss!.length).toBe(2);
  });

  it("refuses what cannot be", async () => {
    const teacher = network({ seed: 2 });
    const student = network({ seed: 3 });
    await expect(distill(teacher, student, { x, y })).rejects.toMatchObject({ code: "NOT_COMPILED" });
    student.compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) });
    await expect(distill(student, student, { x, y })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(distill(network({ outputs: 4 }), student, { x, y })).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
    await expect(distill(teacher, student, { x, y }, { temperature: 0 })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(distill(teacher, student, { x, y }, { alpha: 1.5 })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(distill(teacher, student, { x, y }, { temprature: 2 } as never)).rejects.toMatchObject({ code: "UNKNOWN_NAME", fix: expect.stringContaining("temperature") });
    await expect(distill("big.onnx" as never, student, { x, y })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(distill(teacher, student, fromArrays({ inputs: x }), { alpha: 0.5, ...silent })).rejects.toMatchObject({ code: "BAD_DATA" });
  });
});
