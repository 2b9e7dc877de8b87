import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { fromBytes, importOnnx, layers, Model, sequential } from "../index.js";
import { keyOf, normals } from "../random/host.js";

/** A small GPT of PyTorch, its output layer the table of tokens. */
const GPT = fileURLToPath(new URL("../../conformance/onnx/gpt_dynseq.onnx", import.meta.url));

const rows = [[1, 2, 3, 4], [0, -1, 0.5, 2]];
const predictions = async (model: Model, x: unknown = rows): Promise<number[]> => Array.from((await (await model.predict(x as never)).data()) as Float32Array);

/** Two dense layers within a model, and a head. */
function nested(): Model {
  const body = sequential([layers.input([4]), layers.dense({ units: 3, name: "low", activation: "tanh" }), layers.dense({ units: 5, name: "high", activation: "relu" })], { name: "body" });
  return sequential([layers.input([4]), body, layers.dense({ units: 2, name: "head" })], { seed: 3 });
}

/** Images of any height and width, as a file from elsewhere: one graph. */
async function imported(): Promise<Model> {
  const net = sequential([
    layers.input([8, 8, 1]),
    layers.conv2d({ filters: 4, kernelSize: 3, name: "conv1", activation: "relu" }),
    layers.batchNormalization({ name: "bn" }),
    layers.conv2d({ filters: 6, kernelSize: 3, name: "conv2" }),
    layers.globalAveragePooling2d(),
    layers.dense({ units: 3, name: "classes" }),
  ], { seed: 1 });
  return importOnnx(await net.toOnnx());
}

const images = { shape: [6, 8, 8, 1], data: normals(keyOf(1), 6 * 64) };
const valueNamed = (model: Model, part: RegExp): string => model.layers[0]!.definition.inside!(model.layers[0]!).names.find((name) => part.test(name))!;
const pathsOf = (model: Model): string[] => model.trainableVariables.map((variable) => model.pathOf(variable));

describe("model.outputsAt", () => {
  it("gives what layers give, those of nested models too, with the same weights", async () => {
    const model = nested();
    const parts = model.outputsAt(["body/low", "body", "head"]);
    expect(parts.outputNames).toEqual(["body/low", "body", "head"]);
    const [low, body, head] = await parts.predictAll(rows);
    expect(await head!.toArray()).toEqual(await (await model.predict(rows)).toArray());
    expect(parts.variables).toEqual(model.variables);
    expect(parts.variables.map((variable) => parts.pathOf(variable))).toEqual(model.variables.map((variable) => model.pathOf(variable)));
    const kernel = model.variables.find((variable) => model.pathOf(variable) === "body/low/kernel")!;
    const w = (await kernel.read()) as Float32Array;
    // Biases are zero at first.
    const byHand = rows.flatMap((row) => [0, 1, 2].map((j) => Math.tanh(row.reduce((sum, x, i) => sum + x * w[i * 3 + j]!, 0))));
    Array.from((await low!.data()) as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(byHand[i]!, 5));
    expect(body!.shape).toEqual([2, 5]);
  });

  it("numbers what a layer gives when there is more than one thing", async () => {
    const x = layers.input([5, 2]);
    const [steps, state] = layers.gru({ units: 3, returnSequences: true, returnState: true, name: "memory" }).use(x) as never[];
    const shared = layers.dense({ units: 3, name: "twice" });
    const model = new Model({ inputs: x, outputs: [shared(shared(steps!)), state!] });
    const parts = model.outputsAt(["memory:1", "twice:0"]);
    const [last, once] = await parts.predictAll([[[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]]);
    expect([last!.shape, once!.shape]).toEqual([[1, 3], [1, 5, 3]]);
    expect(() => model.outputsAt("memory")).toThrow(/did you mean memory:0 or memory:1\?/);
    const inner = sequential([layers.input([3]), layers.dense({ units: 3, name: "d" })], { name: "inner" });
    const y = layers.input([3]);
    const net = new Model({ inputs: y, outputs: layers.dense({ units: 1, name: "out" })(inner(inner(y))) });
    expect(() => net.outputsAt("inner/d")).toThrow(/inner:0\/d or inner:1\/d/);
    const both = net.outputsAt(["inner:0/d", "out"]);
    expect(both.layerNames).toEqual(["inner/d", "out"]);
    const [, out] = await (await fromBytes(await both.toBytes())).predictAll([[1, 2, 3]]);
    expect(await out!.toArray()).toEqual(await (await net.predict([[1, 2, 3]])).toArray());
  });

  it("gives any value of an imported graph, and leaves out what that does not need", async () => {
    const model = await imported();
    const name = valueNamed(model, /^conv1\/relu|relu/i);
    const parts = model.outputsAt([name, model.outputNames[0]!]);
    const [features, classes] = await parts.predictAll(images);
    expect(features!.shape).toHaveLength(4);
    expect(await classes!.toArray()).toEqual(await (await model.predict(images)).toArray());
    const first = model.outputsAt(`graph/${name}`);
    expect(first.variables.length).toBeLessThan(model.variables.length);
    expect(first.variables.every((variable) => model.variables.includes(variable))).toBe(true);
    const values = await predictions(first, images);
    expect(values).toEqual(Array.from((await features!.data()) as Float32Array));
    expect(await predictions(await fromBytes(await first.toBytes()), images)).toEqual(values);
    const again = await importOnnx(await first.toOnnx());
    (await predictions(again, images)).forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 5));
  });

  it("refuses names that nothing has, with the nearest", async () => {
    expect(() => nested().outputsAt("body/lov")).toThrow(/did you mean "body\/low"/);
    expect(() => nested().outputsAt([])).toThrow(/names of layers/);
    expect(() => nested().outputsAt(["head", 3 as never])).toThrow(/names of layers/);
    const model = await imported();
    const name = valueNamed(model, /relu/i);
    expect(() => model.outputsAt(`${name}x`)).toThrow(`did you mean "${name}"`);
  });
});

describe("model.replaceHead", () => {
  it("puts new layers where the last one with weights was, and shares the others", async () => {
    const model = nested();
    const other = model.replaceHead({ head: [layers.dense({ units: 7 }), layers.softmax()] });
    expect((await other.predict(rows)).shape).toEqual([2, 7]);
    expect(other.layers.slice(0, 1)).toEqual(model.layers.slice(0, 1));
    expect(other.variables.slice(0, 4)).toEqual(model.variables.slice(0, 4));
    const inside = model.replaceHead({ head: layers.dense({ units: 7 }), at: "body/low" });
    expect(inside.variables).toHaveLength(4);
    expect((await inside.predict(rows)).shape).toEqual([2, 7]);
  });

  it("of an imported graph trains a new head on frozen features", async () => {
    const model = await imported();
    const before = await predictions(model, images);
    const net = model.replaceHead({ head: layers.dense({ units: 2, activation: "softmax" }), seed: 5 }).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    expect(pathsOf(net).at(-2)).toBe("dense/kernel");
    expect(net.freeze("graph")).toEqual(["graph"]);
    const data = { x: images, y: [0, 1, 0, 1, 0, 1] };
    const { loss } = await net.evaluate(data);
    await net.fit(data, { epochs: 30, verbose: "silent", seed: 1 });
    expect((await net.evaluate(data)).loss).toBeLessThan(loss);
    expect(await predictions(model, images)).toEqual(before);
    const copy = await fromBytes(await net.toBytes());
    expect(await predictions(copy, images)).toEqual(await predictions(net, images));
    const file = await importOnnx(await net.toOnnx());
    const expected = await predictions(net, images);
    (await predictions(file, images)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    // What was cut can be cut again.
    expect((await copy.outputsAt(valueNamed(copy, /relu/i)).predict(images)).shape).toHaveLength(4);
  });

  it("refuses other options", () => {
    expect(() => nested().replaceHead({ head: [] })).toThrow(/layers/);
    expect(() => nested().replaceHead({ head: layers.dense({ units: 1 }), at: "bodi" })).toThrow(/did you mean "body"/);
    expect(() => nested().replaceHead({} as never)).toThrow(/head/);
    expect(() => sequential([layers.input([2]), layers.flatten()]).replaceHead({ head: layers.dense({ units: 1 }) })).toThrow(/at: name/);
  });
});

describe("free sequence lengths", () => {
  const ids = (rows: number, steps: number): { shape: number[]; data: BigInt64Array } => ({ shape: [rows, steps], data: BigInt64Array.from({ length: rows * steps }, (_, i) => BigInt((i * 5) % 13)) });

  it("stay free through outputsAt, replaceHead, files and exports", async () => {
    const model = await importOnnx(GPT);
    const parts = model.outputsAt(["/b.0/Add", model.outputNames[0]!]);
    expect(parts.outputs[0]!.shape).toEqual(["batch", "seq", 8]);
    const net = model.replaceHead({ head: [layers.globalAveragePooling1d(), layers.dense({ units: 2 })] });
    expect(net.outputs[0]!.shape).toEqual(["batch", 2]);
    const files = [await fromBytes(await net.toBytes()), await importOnnx(await net.toOnnx())];
    for (const steps of [4, 9]) {
      const whole = await (await model.predict(ids(3, steps))).toArray();
      const [hidden, logits] = await parts.predictAll(ids(3, steps));
      expect(hidden!.shape).toEqual([3, steps, 8]);
      expect(await logits!.toArray()).toEqual(whole);
      const expected = await predictions(net, ids(3, steps));
      for (const file of files) (await predictions(file, ids(3, steps))).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    }
    expect(files[1]!.inputs[0]!.shape).toEqual(["batch", "seq"]);
  });

  it("leave tied weights tied", async () => {
    const model = await importOnnx(GPT);
    const paths = model.addLora("wte.weight", { rank: 2 });
    expect(paths).toEqual(["graph/wte.weight"]);
    const before = await predictions(model, ids(2, 5));
    const { b } = model.variables.find(({ adapter }) => adapter !== undefined)!.adapter!;
    b.assign(normals(keyOf(3), b.size));
    const changed = await predictions(model, ids(2, 5));
    expect(changed).not.toEqual(before);
    await model.mergeLora();
    (await predictions(model, ids(2, 5))).forEach((value, i) => expect(value).toBeCloseTo(changed[i]!, 4));
  });
});

describe("weights of an imported graph", () => {
  it("are frozen by their names in the file, which training then leaves alone", async () => {
    const model = (await imported()).compile({ optimizer: "adam", loss: "mse" });
    const kernel = model.variables.find(({ name }) => name.startsWith("conv1"))!;
    expect(model.freeze("conv1/*")).toHaveLength(2);
    expect(model.freeze(/^conv1/)).toHaveLength(2);
    const values = Array.from((await kernel.read()) as Float32Array);
    const others = model.trainableVariables.map((variable) => variable.name);
    expect(others).not.toContain(kernel.name);
    await model.fit({ x: images, y: { shape: [6, 3], data: normals(keyOf(2), 18) } }, { epochs: 2, verbose: "silent", seed: 1 });
    expect(Array.from((await kernel.read()) as Float32Array)).toEqual(values);
    expect(pathsOf(await fromBytes(await model.toBytes()))).toEqual(pathsOf(model));
    expect(model.unfreeze(`graph/${kernel.name}`)).toEqual([`graph/${kernel.name}`]);
    expect(model.trainableVariables).toContain(kernel);
    expect(() => model.freeze("conv3/kernel")).toThrow(/did you mean "conv[12]\/kernel/);
  });

  it("that importOnnx was told to leave alone can be freed", async () => {
    const model = await importOnnx(await nested().toOnnx(), { trainable: (name) => name.startsWith("head") });
    expect(pathsOf(model)).toEqual(["graph/head/kernel", "graph/head/bias"]);
    model.unfreeze("body/**");
    expect(pathsOf(model)).toHaveLength(6);
  });
});
