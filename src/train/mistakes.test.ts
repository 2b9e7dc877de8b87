import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { callbacks, type FitOptions, layers, type LayerFactory, losses, metrics, Model, NacreError, optimizers, sequential, type Tensor } from "../index.js";
import { csv, fromRows } from "../data/index.js";

function model(learningRate = 0.1): Model {
  return sequential([
    layers.input([2]),
    layers.dense({ units: 3, activation: "relu", name: "hidden" }),
    layers.dense({ units: 2, activation: "softmax", name: "head" }),
  ]).compile({ optimizer: optimizers.sgd({ learningRate }), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

const data = { x: [[1, 2], [3, 4], [5, 6]], y: [0, 1, 1] };
const silent: FitOptions = { verbose: "silent", shuffle: false };

async function weightsOf(of: Model): Promise<number[][]> {
  return Promise.all(of.variables.map(async (variable) => Array.from((await variable.read()) as Float32Array)));
}

/** The error of a promise or call, which must be one of ours. */
async function errorOf(act: () => unknown): Promise<NacreError> {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(NacreError);
    return error as NacreError;
  }
  throw new Error("no error came");
}

describe("a loss that is no number", () => {
  it("names the input and row where the data have a gap", async () => {
    const trained = model();
    await trained.fit(data, silent);
    const before = await weightsOf(trained);
    const error = await errorOf(() => trained.fit({ x: [[1, 2], [3, Number.NaN], [5, 6]], y: data.y }, silent));
    expect(error).toMatchObject({ code: "NON_FINITE", where: 'data of input "input", row 1 (from 0), step 1' });
    expect(error.fix).toContain("audit");
    expect(await weightsOf(trained)).toEqual(before);
    // The model goes on as if nothing had happened.
    await trained.fit(data, silent);
    expect(await weightsOf(trained)).not.toEqual(before);
  });

  it("names a label of a stream", async () => {
    const stream = fromRows(() => [{ a: [1], b: 1 }, { a: [1], b: Infinity }], {
      columns: { a: { dtype: "float32", shape: [1] }, b: { dtype: "float32", shape: [] } },
      inputs: ["a"],
      labels: ["b"],
    });
    const regression = sequential([layers.input([1]), layers.dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "mse" });
    expect(await errorOf(() => regression.fit(stream, silent))).toMatchObject({
      code: "NON_FINITE",
      where: 'data of label of "output", row 1 (from 0), step 0',
    });
  });

  it("names the layer, and leaves the weights of before the step, when the learning rate is huge", async () => {
    // Squared errors of predictions near 1e25 overflow float32 in the second step.
    const regression = sequential([
      layers.input([1]),
      layers.dense({ units: 1, kernelInitializer: "ones", name: "first" }),
      layers.dense({ units: 1, kernelInitializer: "ones", name: "second" }),
    ]).compile({ optimizer: optimizers.sgd({ learningRate: 1e25 }), loss: "mse" });
    const one = { x: [[1]], y: [[2]] };
    await regression.fit(one, silent);
    const before = await weightsOf(regression);
    expect(before.flat().every(Number.isFinite)).toBe(true);
    const error = await errorOf(() => regression.fit(one, silent));
    expect(error).toMatchObject({ code: "NON_FINITE", where: 'dense "second", step 1', received: "a loss of Infinity" });
    expect(error.fix).toContain("globalClipnorm");
    expect(await weightsOf(regression)).toEqual(before);
    expect(regression.compiled!.optimizer.step).toBe(1);
    // Fit stands where it stood before the step that failed.
    expect(regression.position!()).toMatchObject({ epoch: 0, batch: 0, history: [] });
  });

  it("names the loss when every layer is finite", async () => {
    const trained = sequential([layers.input([1]), layers.dense({ units: 1 })]).compile({
      optimizer: "sgd",
      loss: (yTrue, yPred) => yTrue.sub(yPred).mul(0).log().sum({ axes: [-1] }),
    });
    expect((await errorOf(() => trained.fit({ x: [[1]], y: [[1]] }, silent))).where).toBe("loss, step 0");
  });

  it("names a weight that was not finite before", async () => {
    const trained = model();
    trained.initialize();
    trained.variables[1]!.assign([0, Number.NaN, 0]);
    expect((await errorOf(() => trained.fit(data, silent))).where).toBe("weight hidden/bias, step 0");
  });
});

describe("a row that cannot be used", () => {
  const many = Array.from({ length: 40 }, (_, i) => [i / 40, 1]);
  const classes = many.map((_, i) => i % 2);
  const shuffled: FitOptions = { verbose: "silent", batchSize: 8, seed: 3 };
  const without = (row: number): number[][] => many.map((values, i) => (i === row ? [Number.NaN, 1] : values));

  it("goes by its number in the data, however they are shuffled and divided", async () => {
    expect(await errorOf(() => model().fit({ x: without(29), y: classes }, shuffled))).toMatchObject({
      where: expect.stringContaining('data of input "input", row 29 (from 0), step ') as unknown,
      received: "NaN, and a loss of NaN",
    });
    const labels = classes.map((id, i) => (i === 31 ? 7 : id));
    for (const validation of [undefined, 0.5]) {
      const error = await errorOf(() => model().fit({ x: many, y: labels }, validation === undefined ? shuffled : { ...shuffled, validation }));
      expect(error).toMatchObject({ code: "LABEL_RANGE", where: 'label "label", row 31 (from 0)' });
    }
  });

  it("goes by its line in a CSV file", async () => {
    const text = ["a,b,class", ...many.map(([a, b], i) => `${i === 12 ? "" : a},${b},${classes[i]}`)].join("\n");
    const table = await csv({ text }, { label: "class", missing: "keep" });
    expect((await errorOf(() => model().fit(table, shuffled))).where).toContain('data of input "input", CSV text, line 14, step ');
  });

  it("is refused in validation data and evaluate, and passed through by predict", async () => {
    const one = model();
    const error = { code: "NON_FINITE", fix: expect.stringContaining("audit") as unknown };
    expect(await errorOf(() => one.fit({ x: many, y: classes }, { ...shuffled, validation: { x: without(5), y: classes } }))).toMatchObject({
      ...error,
      where: 'data of input "input", row 5 (from 0), in validation',
    });
    expect(await errorOf(() => one.evaluate({ x: without(5), y: classes }))).toMatchObject({ ...error, where: 'data of input "input", row 5 (from 0)' });
    const answers = (await (await sequential([layers.input([2]), layers.rescaling({ scale: 2 })]).predict(without(1).slice(0, 2))).toArray()) as number[][];
    expect(answers).toEqual([[0, 2], [Number.NaN, 2]]);
  });

  it("is refused for a weight that is none", async () => {
    for (const weight of [-1, Number.NaN, Infinity]) {
      const sampleWeight = many.map((_, i) => (i === 17 ? weight : 1));
      expect(await errorOf(() => model().fit({ x: many, y: classes, sampleWeight }, shuffled))).toMatchObject({
        code: "BAD_DATA",
        where: "sample weight, row 17 (from 0)",
        received: String(weight),
      });
    }
    await model().fit({ x: many, y: classes, sampleWeight: classes }, shuffled);
  });

  it.each([
    [{ 0: 1, 2: 3 }, "classes from 0 to 1", "class 2"],
    [{ [-1]: 1 }, "classes from 0 to 1", "class -1"],
    [{ cat: 1 }, "classes from 0 to 1", "class cat"],
    [{ 1: -2 }, "weights of at least 0", "-2 for class 1"],
    [{ 1: "x" }, "weights of at least 0", "x for class 1"],
  ])("is not weighed by class weights %o", async (classWeight, expected, received) => {
    const error = { code: "BAD_ARGUMENT", where: "fit classWeight", expected, received };
    expect(await errorOf(() => model().fit({ x: many, y: classes }, { ...shuffled, classWeight: classWeight as never }))).toMatchObject(error);
    await model().fit({ x: many, y: classes }, { ...shuffled, classWeight: { 0: 0, 1: 2 } });
  });
});

describe("data that do not fit", () => {
  const cases: [string, () => Promise<unknown>, Partial<NacreError>][] = [
    [
      "a label beyond the classes",
      () => model().fit({ x: data.x, y: [0, 2, 1] }, silent),
      { code: "LABEL_RANGE", where: 'label "label", row 1 (from 0)', received: "2" },
    ],
    ...[[0, 1, 2], [0.5, 1, -1]].map((y): [string, () => Promise<unknown>, Partial<NacreError>] => [
      `binary targets ${y.join(", ")}`,
      () => sequential([layers.input([2]), layers.dense({ units: 1, activation: "sigmoid" })]).compile({ optimizer: "sgd", loss: "binaryCrossentropy" }).fit({ x: data.x, y }, silent),
      { code: "LABEL_RANGE", where: 'label "label", row 2 (from 0)', received: String(y[2]) },
    ]),
    [
      "the softmax of one unit",
      () => sequential([layers.input([2]), layers.dense({ units: 1, activation: "softmax" })]).compile({ optimizer: "sgd", loss: "binaryCrossentropy" }).fit({ x: data.x, y: [0, 1, 1] }, silent),
      { code: "BAD_ARGUMENT", where: 'model, output "output"', fix: expect.stringContaining("sigmoid") as string },
    ],
    [
      "a class for a single output",
      () => sequential([layers.input([2]), layers.dense({ units: 1, activation: "sigmoid" })]).compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" }).fit({ x: data.x, y: [0, 1, 1] }, silent),
      { code: "LABEL_RANGE", fix: expect.stringContaining("binaryCrossentropy") as string },
    ],
    [
      "a label below them",
      () => model().evaluate({ x: data.x, y: [0, -1, 1] }),
      { code: "LABEL_RANGE", received: "-1" },
    ],
    [
      "rows of another length",
      () => model().fit({ x: [[1, 2, 3]], y: [0] }, silent),
      { code: "SHAPE_MISMATCH", where: 'input "input" of model', expected: "shape [batch, 2]" },
    ],
    ["one row without the batch axis", () => model().predict([1, 2]), { code: "SHAPE_MISMATCH", received: '[2] in column "input"' }],
    ["ragged rows", () => model().fit({ x: [[1, 2], [3]], y: [0, 1] }, silent), { code: "SHAPE_MISMATCH", where: 'fromArrays "input"' }],
    ["more labels than rows", () => model().fit({ x: data.x, y: [0, 1] }, silent), { code: "BAD_DATA", expected: '3 rows as in "input"' }],
    ["no rows", () => model().fit({ x: [], y: [] }, silent), { code: "BAD_DATA" }],
    [
      "labels of the wrong width",
      () => {
        const regression = sequential([layers.input([2]), layers.dense({ units: 3 })]).compile({ optimizer: "sgd", loss: "mse" });
        return regression.fit({ x: data.x, y: [[1, 2], [3, 4], [5, 6]] }, silent);
      },
      { code: "SHAPE_MISMATCH" },
    ],
    [
      "ids with a fraction",
      () => {
        const ids = sequential([layers.input([2], { dtype: "int32" }), layers.embedding({ inputDim: 9, outputDim: 2 })]);
        return ids.predict([[1, 2], [3, 4.5]]);
      },
      { code: "BAD_DATA", where: 'input "input" of model, row 1 (from 0)', received: "4.5" },
    ],
    [
      "columns that are not x and y",
      () => model().fit({ x: data.x, labels: data.y } as never, silent),
      { code: "UNKNOWN_NAME", where: "fit data", received: '"labels"' },
    ],
  ];
  const wide = (options: object): Model =>
    sequential([layers.input([2]), layers.dense({ units: 3 })]).compile({ optimizer: "sgd", loss: "mse", ...options });
  const flat = { x: data.x, y: [0.1, 0.2, 0.3] };
  cases.push(
    [
      "one label a row beside three predictions, though three rows would broadcast",
      () => wide({}).fit(flat, silent),
      {
        code: "SHAPE_MISMATCH",
        where: 'loss meanSquaredError of output "output"',
        expected: "labels of the predictions' shape [3, 3]",
        received: "[3]",
      },
    ],
    ["the same in a last batch of one row", () => wide({}).fit(flat, { ...silent, batchSize: 1 }), { code: "SHAPE_MISMATCH", received: "[1]" }],
    ["the same as a column", () => wide({ loss: "huber" }).fit({ x: data.x, y: [[1], [2], [3]] }, silent), { code: "SHAPE_MISMATCH", received: "[3, 1]" }],
    ...["binaryAccuracy", "categoricalAccuracy", "mae", "rmse", "auc", "precision", "r2Score", "pearsonCorrelation"].map(
      (metric): [string, () => Promise<unknown>, Partial<NacreError>] => [
        `the same to the metric ${metric}`,
        () => wide({ loss: "sparseCategoricalCrossentropy", metrics: [metric] }).evaluate({ x: data.x, y: [0, 1, 2] }),
        { code: "SHAPE_MISMATCH", where: expect.stringContaining(`metric ${metric} of output "output"`) as unknown as string, received: "[3]" },
      ],
    ),
    [
      "class numbers in a one-hot's place to the metric sparseCategoricalAccuracy",
      () => wide({ metrics: ["sparseCategoricalAccuracy"] }).evaluate({ x: data.x, y: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] }),
      { code: "SHAPE_MISMATCH", where: 'metric sparseCategoricalAccuracy of output "output"' },
    ],
    [
      "a function as loss that fails, by name",
      () => wide({ loss: function mine(a: Tensor, b: Tensor) { return a.matmul(b); } }).fit({ x: data.x, y: [[1, 2], [1, 2], [1, 2]] }, silent),
      { code: "SHAPE_MISMATCH", where: expect.stringContaining('loss function mine of output "output", ') as unknown as string },
    ],
  );
  for (const [title, act, expected] of cases) {
    it(`is refused: ${title}`, async () => {
      expect(await errorOf(act)).toMatchObject(expected);
    });
  }

  it("is refused when the model is built, with the layer's name and the line of the call", () => {
    const x = layers.input([8, 8, 1]);
    const hidden = layers.dense({ units: 4, name: "head" });
    hidden(layers.input([3]));
    try {
      hidden(x);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "SHAPE_MISMATCH", where: 'dense "head"', expected: "last axis 3" });
      expect((error as Error).stack).toContain("mistakes.test.ts");
    }
  });
});

describe("names that do not exist", () => {
  const compile = (options: object): (() => unknown) => () => model().compile({ optimizer: "sgd", loss: "mse", ...options } as never);
  const cases: [string, () => unknown, string][] = [
    ["activation", () => layers.dense({ units: 1, activation: "rleu" as never }), '"rleu"'],
    ["optimizer", compile({ optimizer: "adamm" }), '"adamm"'],
    ["loss", compile({ loss: "meanSquaredErorr" }), '"meanSquaredErorr"'],
    ["metric", compile({ metrics: ["acuracy"] }), '"acuracy"'],
    ["initializer", () => layers.dense({ units: 1, kernelInitializer: "zeroes" as never }), '"zeroes"'],
    ["option of a layer", () => (layers.dense as LayerFactory<object>)({ unit: 1 } as never), '"unit"'],
    ["option of compile", compile({ optimiser: "sgd" }), '"optimiser"'],
    ["option of fit", () => model().fit(data, { batchsize: 1 } as never), '"batchsize"'],
    ["option of a loss", () => losses.meanSquaredError({ reductoin: "sum" } as never), '"reductoin"'],
    ["option of a metric", () => metrics.binaryAccuracy({ treshold: 0.1 } as never), '"treshold"'],
    ["option of an optimizer", () => optimizers.adam({ lerningRate: 1 } as never), '"lerningRate"'],
    ["option as PyTorch has it", () => optimizers.adam({ lr: 1 } as never), '"lr"'],
    ["option as Keras has it", () => optimizers.adam({ beta_1: 1 } as never), '"beta_1"'],
    [
      "result that is monitored",
      () => model().fit(data, { ...silent, validation: data, callbacks: [callbacks.earlyStopping({ monitor: "val_acc" })] }),
      '"val_acc"',
    ],
    ["output of a loss", compile({ loss: { outptu: "mse" } }), '"outptu"'],
  ];
  const nearest: Record<string, string> = {
    activation: "relu",
    optimizer: "adam",
    loss: "meanSquaredError",
    metric: "accuracy",
    initializer: "zeros",
    "option of a layer": "units",
    "option of compile": "optimizer",
    "option of fit": "batchSize",
    "option of a loss": "reduction",
    "option of a metric": "threshold",
    "option of an optimizer": "learningRate",
    "option as PyTorch has it": "learningRate",
    "option as Keras has it": "beta1",
    "result that is monitored": "val_accuracy",
    "output of a loss": "output",
  };
  for (const [kind, act, received] of cases) {
    it(`are refused with the nearest that does: ${kind}`, async () => {
      const error = await errorOf(act);
      expect(error).toMatchObject({ code: "UNKNOWN_NAME", received });
      expect(error.fix).toBe(`did you mean "${nearest[kind]!}"?`);
    });
  }
});

describe("calls at the wrong time", () => {
  it("are refused before compile", async () => {
    const bare = sequential([layers.input([2]), layers.dense({ units: 1 })]);
    for (const act of [() => bare.fit(data), () => bare.evaluate(data), () => bare.trainOnBatch(data)]) {
      const error = await errorOf(act);
      expect(error.code).toBe("NOT_COMPILED");
      expect(error.fix).toContain("model.compile");
    }
    expect((await bare.predict([[1, 2]])).shape).toEqual([1, 1]);
  });

  it("are refused when all layers are frozen", async () => {
    const frozen = model();
    for (const layer of frozen.layers) layer.trainable = false;
    expect(await errorOf(() => frozen.fit(data, silent))).toMatchObject({ code: "NO_GRADIENT" });
    for (const layer of frozen.layers) layer.trainable = true;
    await frozen.fit(data, silent);
  });

  it("are refused for compile without a loss, and two metrics of one name", async () => {
    expect(await errorOf(() => model().compile({ optimizer: "sgd" } as never))).toMatchObject({ code: "BAD_ARGUMENT", where: "compile, option loss" });
    const twice = { optimizer: "sgd", loss: "mse", metrics: [metrics.binaryAccuracy(), metrics.binaryAccuracy({ threshold: 0.1 })] } as const;
    expect(await errorOf(() => model().compile(twice))).toMatchObject({ code: "BAD_ARGUMENT", received: '"binaryAccuracy" twice' });
  });

  for (const [option, value] of [["epochs", 0], ["epochs", 1.5], ["batchSize", -1], ["seed", 0.5]] as const) {
    it(`are refused for ${option} ${value}, and the model stays usable`, async () => {
      const one = model();
      expect((await errorOf(() => one.fit(data, { ...silent, [option]: value }))).code).toBe("BAD_ARGUMENT");
      await one.fit(data, silent);
    });
  }
});
