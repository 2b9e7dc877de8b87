import { describe, expect, it } from "vitest";
import { layers, Model, sequential } from "../index.js";

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
Layer                                     Output shape       Parameters
───────────────────────────────────────────────────────────────────────
input (Input)                             [batch, 8, 8, 1]            0
conv2d (Conv2D)                           [batch, 8, 8, 32]         320
batch_normalization (BatchNormalization)  [batch, 8, 8, 32]  128 frozen
max_pooling2d (MaxPooling2D)              [batch, 4, 4, 32]           0
flatten (Flatten)                         [batch, 512]                0
head (Dense)                              [batch, 10]             5,130
───────────────────────────────────────────────────────────────────────
5,578 parameters (0.02 MiB), 5,450 trainable`);
    expect(model.parameterCount).toBe(5578);
  });

  it("shows where values come from when layers do not stand in a row, and counts shared ones once", () => {
    const [left, right] = [layers.input([4], { name: "left" }), layers.input([4], { name: "right" })];
    const shared = layers.dense({ units: 3 });
    const model = new Model({ inputs: [left, right], outputs: layers.add()([shared(left), shared(right)]) });
    expect(`\n${model.summary()}`).toBe(`
Layer          Output shape  Parameters  From
─────────────────────────────────────────────────────
left (Input)   [batch, 4]             0
right (Input)  [batch, 4]             0
dense (Dense)  [batch, 3]            15  left
dense (Dense)  [batch, 3]        shared  right
add (Add)      [batch, 3]             0  dense, dense
─────────────────────────────────────────────────────
15 parameters (0.00 MiB), 15 trainable`);
    expect(model.summaryTable().rows[4]).toEqual(["add (Add)", "[batch, 3]", "0", "dense, dense"]);
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
    refused(() => sequential([layers.input([1]), { units: 1 } as never]), "object");
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
