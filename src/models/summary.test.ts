import { describe, expect, it } from "vitest";
import { type Layer, layers, Model, sequential } from "../index.js";
import { summaryRows } from "./summaryRows.js";

describe("summary", () => {
  it("shows layers in a row, parameters, and what is frozen", () => {
    const model = sequential([
      layers.input([8, 8, 1]),
      layers.conv2d({ filters: 32, kernelSize: 3, padding: "same", activation: "relu" }),
      layers.batchNormalization({ trainable: false }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 10, name: "head" }),
    ]);
    expect(`\n${model.summary()}`).toBe(`
Layer                                   Output shape       Parameters  Mult-adds
────────────────────────────────────────────────────────────────────────────────
input (Input)                           [batch, 8, 8, 1]            0          0
conv2d (Conv2D)                         [batch, 8, 8, 32]         320     18,432
batch_normalization                     [batch, 8, 8, 32]  128 frozen          0
(BatchNormalization)
max_pooling2d (MaxPooling2D)            [batch, 4, 4, 32]           0          0
flatten (Flatten)                       [batch, 512]                0          0
head (Dense)                            [batch, 10]             5,130      5,120
────────────────────────────────────────────────────────────────────────────────
5,578 parameters (0.02 MiB), 5,450 trainable
23,552 multiply-adds and 0.02 MiB of activations per sample`);
    expect(model.parameterCount).toBe(5578);
  });

  it("shows where values come from when layers do not stand in a row, and counts shared ones once", () => {
    const [left, right] = [layers.input([4], { name: "left" }), layers.input([4], { name: "right" })];
    const shared = layers.dense({ units: 3 });
    const model = new Model({ inputs: [left, right], outputs: layers.add()([shared(left), shared(right)]) });
    expect(`\n${model.summary()}`).toBe(`
Layer          Output shape  Parameters  Mult-adds  From
────────────────────────────────────────────────────────────────
left (Input)   [batch, 4]             0          0
right (Input)  [batch, 4]             0          0
dense (Dense)  [batch, 3]            15         12  left
dense (Dense)  [batch, 3]        shared         12  right
add (Add)      [batch, 3]             0          0  dense, dense
────────────────────────────────────────────────────────────────
15 parameters (0.00 MiB), 15 trainable
24 multiply-adds and 0.00 MiB of activations per sample`);
    expect(model.summaryTable().rows[4]).toEqual(["add (Add)", "[batch, 3]", "0", "0", "dense, dense"]);
  });

  it("shows the columns that are asked for, and hands the table to a printer", () => {
    const model = sequential([layers.input([256, 256]), layers.dense({ units: 256, trainable: false }), layers.dense({ units: 2 })]);
    const printed: string[] = [];
    const text = model.summary({ columns: ["layer", "trainable", "memory"], print: (table) => void printed.push(table) });
    expect(printed).toEqual([text]);
    // 256 · 256 floats are 0.25 MiB, as many as the kernel has.
    expect(text.split("\n").slice(0, 5)).toEqual([
      "Layer            Trainable    Memory",
      "────────────────────────────────────",
      "input (Input)            0  0.25 MiB",
      "dense (Dense)            0  0.50 MiB",
      "dense_1 (Dense)        514  0.00 MiB",
    ]);
    expect(() => model.summary({ columns: ["layers" as never] })).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME", received: '"layers"' }));
    expect(() => model.summary({ width: 3 } as never)).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
  });

  it("breaks what layers come from over lines, and keeps names whole", () => {
    const x = layers.input([4], { name: "values_of_the_first_sensor" });
    const branches = ["left", "middle", "right"].map((side) => layers.dense({ units: 4, name: `projection_of_the_${side}` })(x));
    const model = new Model({ inputs: x, outputs: layers.concatenate()(branches) });
    const lines = model.summary().split("\n");
    expect(lines.slice(-6, -3)).toEqual([
      "concatenate (Concatenate)   [batch, 12]            0          0  projection_of_the_left,",
      "                                                                 projection_of_the_middle,",
      "                                                                 projection_of_the_right",
    ]);
  });
});

describe("multiply-adds", () => {
  const [steps, features, units] = [5, 3, 4] as const;
  const sequence = (): ReturnType<typeof layers.input> => layers.input([steps, features]);
  const rows = (x: ReturnType<typeof layers.input>, layer: Layer): number => summaryRows(new Model({ inputs: x, outputs: layer.callAll(x) })).at(-1)!.multiplyAdds;

  it.each([
    ["dense over steps", rows(sequence(), layers.dense({ units })), steps * features * units],
    // Each of 3 × 3 outputs meets 2 × 2 taps of 6 channels, 8 times.
    ["conv", rows(layers.input([5, 5, 6]), layers.conv2d({ filters: 8, kernelSize: 2, strides: 2, padding: "same" })), 9 * 4 * 6 * 8],
    ["conv in groups", rows(layers.input([5, 5, 6]), layers.conv2d({ filters: 8, kernelSize: 1, groups: 2 })), 25 * 3 * 8],
    ["depthwise conv", rows(layers.input([5, 5, 6]), layers.depthwiseConv2d({ kernelSize: 3 })), 9 * 9 * 6],
    ["separable conv", rows(layers.input([5, 5, 6]), layers.separableConv2d({ filters: 8, kernelSize: 3 })), 9 * 9 * 6 + 9 * 6 * 8],
    // Each input element is spread over 4 × 4 taps of 8 channels.
    ["transposed conv", rows(layers.input([5, 5, 6]), layers.conv2dTranspose({ filters: 8, kernelSize: 4, strides: 2, padding: "same" })), 25 * 6 * 16 * 8],
    ["lstm", rows(sequence(), layers.lstm({ units })), steps * 4 * units * (features + units)],
    ["gru", rows(sequence(), layers.gru({ units })), steps * 3 * units * (features + units)],
    // Projections of query, key, value and output, the scores and the means.
    ["attention", rows(sequence(), layers.multiHeadAttention({ numHeads: 2, keyDim: units })), 4 * steps * features * 2 * units + 2 * steps * steps * 2 * units],
    ["einsum", rows(sequence(), layers.einsumDense({ equation: "btc,cd->btd", outputShape: [steps, units] })), steps * features * units],
    ["a nested model", rows(sequence(), sequential([sequence(), layers.dense({ units }), layers.dense({ units })])), steps * units * (features + units)],
    ["no product", rows(sequence(), layers.layerNormalization()), 0],
  ])("of %s are those of its products", (_, counted, expected) => {
    expect(counted).toBe(expected);
  });

  it("count masked sequences too", () => {
    const x = layers.input([steps], { dtype: "int32" });
    const h = layers.embedding({ inputDim: 10, outputDim: features, maskZero: true })(x);
    const model = new Model({ inputs: x, outputs: layers.lstm({ units })(h) });
    expect(summaryRows(model).map((row) => row.multiplyAdds)).toEqual([0, 0, steps * 4 * units * (features + units)]);
  });
});

describe("a model's structure", () => {
  const refused = (act: () => unknown, received: string | RegExp): void =>
    expect(act).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT", received: typeof received === "string" ? received : expect.stringMatching(received) }));

  it("needs every input listed, and one name for each port and layer", () => {
    const [a, b] = [layers.input([1], { name: "a" }), layers.input([1], { name: "b" })];
    const sum = layers.add()([a, b]);
    refused(() => new Model({ inputs: a, outputs: sum }), "another input of shape [batch, 1]");
    refused(() => new Model({ inputs: [a, layers.input([1], { name: "a" })], outputs: layers.flatten()(a) }), 'two inputs called "a"');
    refused(() => new Model({ inputs: a, outputs: { a: layers.flatten()(a) } }), 'an input and an output called "a"');
    const twice = (): Model => sequential([layers.input([1]), layers.dense({ units: 1, name: "x" }), layers.dense({ units: 1, name: "x" })]);
    refused(twice, '"x" twice');
  });

  it("names layers in the order of their use, around those with names of their own", () => {
    const model = sequential([layers.input([1]), layers.dense({ units: 1 }), layers.dense({ units: 1, name: "dense" }), layers.dense({ units: 1 })]);
    expect(model.layerNames).toEqual(["dense_1", "dense", "dense_2"]);
  });

  it("of sequential begins with an input and goes on with layers", () => {
    refused(() => sequential([]), "an empty list");
    refused(() => sequential([layers.input([1])]), "an input alone");
    refused(() => sequential([layers.dense({ units: 1 })]), "a layer first");
    refused(() => sequential([layers.input([1]), layers.input([1])]), "a second input");
    refused(() => sequential([layers.input([1]), { units: 1 } as never]), "an object with units");
  });

  it("is itself a layer", () => {
    const one = sequential([layers.input([1]), layers.dense({ units: 3 })], { name: "inner" });
    const outer = sequential([layers.input([1]), one]);
    expect(outer.outputs[0]!.shape).toEqual(["batch", 3]);
    expect(outer.summary()).toContain("inner (Functional)");
    expect(outer.variables.map((variable) => outer.pathOf(variable))).toEqual(["inner/dense/kernel", "inner/dense/bias"]);
    expect(one.variables.map((variable) => one.pathOf(variable))).toEqual(["dense/kernel", "dense/bias"]);
  });
});
