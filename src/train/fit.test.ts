import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { type Callback, layers, losses, Model, optimizers, sequential } from "../index.js";
import { fromArrays, fromRows } from "../data/index.js";
import { getCompiler, setCompiler } from "../graph/compiler.js";

/** A model of one weight, y = w · x, that starts at w = 1. */
function line(options: { readonly learningRate?: number; readonly loss?: losses.LossLike } = {}): Model {
  return sequential([
    layers.input([1]),
    layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" }),
  ]).compile({
    optimizer: optimizers.sgd({ learningRate: options.learningRate ?? 0 }),
    loss: options.loss ?? "meanSquaredError",
    metrics: ["meanAbsoluteError"],
  });
}

/** Three classes with probabilities that do not depend on the weights' draw. */
function classifier(oneHot: boolean): Model {
  return sequential([
    layers.input([3]),
    layers.dense({ units: 3, useBias: false, kernelInitializer: "ones", activation: "softmax" }),
  ]).compile({
    optimizer: optimizers.sgd({ learningRate: 0 }),
    loss: oneHot ? "categoricalCrossentropy" : "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
}

const column = (...values: number[]): number[][] => values.map((value) => [value]);
const silent = { verbose: "silent", shuffle: false } as const;

async function kernelOf(model: Model): Promise<number[]> {
  return Array.from((await model.variables[0]!.read()) as Float32Array);
}

describe("fit", () => {
  it("takes arrays, a dataset, a stream, and typed arrays alike", async () => {
    const [x, y] = [column(1, 2, 3, 4, 5), column(2, 3, 5, 8, 9)];
    const weights: number[][] = [];
    const streamed = fromRows(() => x.map(([value], i) => ({ a: [value!], b: y[i]! })), {
      columns: { a: { dtype: "float32", shape: [1] }, b: { dtype: "float32", shape: [1] } },
      inputs: ["a"],
      labels: ["b"],
    });
    for (const data of [
      { x, y },
      fromArrays({ inputs: x, labels: y }),
      streamed,
      { x: { data: Float32Array.from(x.flat()), shape: [5, 1] }, y: { data: Float64Array.from(y.flat()), shape: [5, 1] } },
    ]) {
      const model = line({ learningRate: 0.01 });
      const history = await model.fit(data, { epochs: 2, batchSize: 2, ...silent });
      expect(history.epochs).toEqual([0, 1]);
      weights.push(await kernelOf(model));
    }
    expect(new Set(weights.map(String)).size).toBe(1);
  });

  it("does as many steps as there are batches, the last one shorter", async () => {
    const model = line();
    const steps: number[] = [];
    const spy: Callback = { name: "spy", onBatchEnd: (batch) => void steps.push(batch) };
    await model.fit({ x: column(1, 2, 3, 4, 5, 6, 7), y: column(1, 2, 3, 4, 5, 6, 7) }, { epochs: 2, batchSize: 3, callbacks: [spy], ...silent });
    expect(steps).toEqual([0, 1, 2, 0, 1, 2]);
    expect(model.compiled!.optimizer.step).toBe(6);
  });

  it("takes the batch size that the dataset asks for, and its word on a short last batch", async () => {
    const data = fromArrays({ inputs: column(1, 2, 3, 4, 5), labels: column(1, 2, 3, 4, 5) });
    const model = line();
    await model.fit(data.batch(2, { dropRemainder: true }), silent);
    expect(model.compiled!.optimizer.step).toBe(2);
    const spy: Callback = { name: "spy", onTrainBegin: ({ stepsPerEpoch }) => expect(stepsPerEpoch).toBe(2) };
    await line().fit(data.batch(2, { dropRemainder: true }), { ...silent, callbacks: [spy] });
    // Judging and predicting still count every row.
    expect((await model.predict(data.batch(2, { dropRemainder: true }), { batchSize: 4 })).shape).toEqual([5, 1]);
    const { loss } = await model.evaluate(data.map((row) => ({ ...row, label: [9] })).batch(2, { dropRemainder: true }), { batchSize: 3 });
    expect(loss).toBeCloseTo((64 + 49 + 36 + 25 + 16) / 5, 4);
  });

  it("reports the mean loss over rows, whatever the batches", async () => {
    // Squared errors 1, 4, 9, 16, 25 at w = 1; float32 sums of such numbers are exact.
    const model = line();
    const { logs } = await model.fit({ x: column(1, 2, 3, 4, 5), y: column(2, 4, 6, 8, 10) }, { batchSize: 2, ...silent });
    expect(logs).toEqual({ loss: [11], meanAbsoluteError: [3] });
  });

  it("updates by the gradient of the batch", async () => {
    // d/dw mean((w·x − y)²) = 2 · mean(x · (w·x − y)) = 2 · (1·(1−3) + 2·(2−3)) / 2 = −4
    const model = line({ learningRate: 0.125 });
    await model.fit({ x: column(1, 2), y: column(3, 3) }, silent);
    expect(await kernelOf(model)).toEqual([1.5]);
  });

  it("shuffles by seed and epoch alone", async () => {
    const orders = async (seed: number, shuffle = true): Promise<string[]> => {
      const seen: number[][] = [];
      const data = fromArrays({ inputs: column(...Array.from({ length: 12 }, (_, i) => i)), labels: column(...Array.from({ length: 12 }, () => 0)) }).map(
        (row, { epoch }) => {
          (seen[epoch] ??= []).push((row["input"] as Float32Array)[0]!);
          return row;
        },
      );
      await line().fit(data, { epochs: 2, batchSize: 4, seed, shuffle, verbose: "silent" });
      return seen.map((order) => order.join());
    };
    const first = await orders(1);
    expect(await orders(1)).toEqual(first);
    expect(first[0]).not.toBe(first[1]);
    expect(await orders(2)).not.toEqual(first);
    expect((await orders(1, false))[1]).toBe("0,1,2,3,4,5,6,7,8,9,10,11");
  });

  it("refuses a second training of the same model until the first has ended", async () => {
    const model = line({ learningRate: 0.01 });
    const data = { x: column(1, 2), y: column(1, 2) };
    const first = model.fit(data, silent);
    await expect(model.fit(data, silent)).rejects.toMatchObject({ code: "BAD_ARGUMENT", received: "a call while fit is running" });
    await expect(model.trainOnBatch(data)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await first;
    await model.fit(data, silent);
  });

  it("can be watched by predict and evaluate while it runs", async () => {
    const model = line({ learningRate: 0.01 });
    const data = { x: column(1, 2, 3, 4), y: column(2, 4, 6, 8) };
    const training = model.fit(data, { epochs: 30, batchSize: 1, ...silent });
    for (let i = 0; i < 30; i++) {
      await Promise.all([model.predict([[1]]), model.evaluate(data)]);
    }
    await training;
    const alone = line({ learningRate: 0.01 });
    await alone.fit(data, { epochs: 30, batchSize: 1, ...silent });
    expect(await kernelOf(model)).toEqual(await kernelOf(alone));
  });

  it("keeps a trained weight when an upload of the old one ends late", async () => {
    const real = getCompiler();
    let arrive = (): void => undefined;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    let uploads = 0;
    setCompiler({
      compile: (graph) => real.compile(graph),
      freeze: (...args) => real.freeze(...args),
      release: (value) => real.release(value),
      upload: async (...args) => {
        if (uploads++ === 0) await late;
        return real.upload(...args);
      },
    });
    try {
      const model = line({ learningRate: 0.125 });
      const predicted = model.predict([[1]]);
      while (uploads === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await model.trainOnBatch({ x: column(1, 2), y: column(3, 3) });
      arrive();
      expect(await (await predicted).toArray()).toEqual([[1.5]]);
      expect(await kernelOf(model)).toEqual([1.5]);
    } finally {
      setCompiler(real);
    }
  });

  it("leaves the model usable when a callback throws", async () => {
    const model = line({ learningRate: 0.01 });
    const data = { x: column(1, 2), y: column(1, 2) };
    const broken: Callback = {
      name: "broken",
      onBatchEnd() {
        throw new Error("mine");
      },
    };
    await expect(model.fit(data, { ...silent, callbacks: [broken] })).rejects.toThrow("mine");
    await model.fit(data, silent);
    await model.predict([[1]]);
  });

  it("tells callbacks what happens, in order, and lets ten lines be a callback", async () => {
    const told: string[] = [];
    const tell: Callback = {
      name: "tell",
      reset: () => void told.push("reset"),
      onTrainBegin: ({ epochs, stepsPerEpoch }) => void told.push(`begin ${epochs} ${stepsPerEpoch}`),
      onEpochBegin: (epoch) => void told.push(`epoch ${epoch}`),
      onBatchEnd: (batch, logs) => void told.push(`batch ${batch} ${logs()["loss"]}`),
      onEpochEnd: async (epoch, logs) => void told.push(`end ${epoch} ${Object.keys(logs).join()}`),
      onTrainEnd: ({ epochs }) => void told.push(`done ${epochs.join()}`),
    };
    const data = { x: column(1, 2, 3), y: column(2, 4, 6) };
    await line().fit(data, { epochs: 2, batchSize: 2, validation: data, callbacks: [tell], ...silent });
    const ends = "loss,meanAbsoluteError,val_loss,val_meanAbsoluteError";
    expect(told).toEqual([
      "reset",
      "begin 2 2",
      ...[0, 1].flatMap((epoch) => [`epoch ${epoch}`, "batch 0 2.5", `batch 1 ${14 / 3}`, `end ${epoch} ${ends}`]),
      "done 0,1",
    ]);
  });

  it("ends where a callback says so: after the epoch, at once in a batch, and before any", async () => {
    const data = { x: column(1, 2, 3), y: column(1, 2, 3) };
    const run = async (callback: Omit<Callback, "name">): Promise<[number, string | undefined, number]> => {
      const model = line();
      const history = await model.fit(data, { epochs: 5, batchSize: 1, callbacks: [{ name: "stop", ...callback }], ...silent });
      return [history.epochs.length, history.stopped, model.compiled!.optimizer.step];
    };
    expect(await run({ onEpochEnd: (epoch, _logs, context) => void (epoch === 1 && context.stop("two")) })).toEqual([2, "two", 6]);
    expect(await run({ onBatchEnd: (batch, _logs, context) => void (batch === 1 && context.stop("half")) })).toEqual([1, "half", 2]);
    expect(await run({ onEpochBegin: (epoch, context) => void (epoch === 1 && context.stop("no")) })).toEqual([1, "no", 3]);
    expect(await run({ onTrainBegin: (context) => context.stop("never") })).toEqual([0, "never", 0]);
  });

  it("lets a callback change the learning rate from the next step on", async () => {
    const model = line({ learningRate: 1 });
    const stop: Callback = { name: "stop", onTrainBegin: ({ optimizer }) => void (optimizer.learningRate = 0) };
    await model.fit({ x: column(1), y: column(5) }, { ...silent, callbacks: [stop] });
    expect(await kernelOf(model)).toEqual([1]);
  });
});

describe("weights of samples and classes", () => {
  it("weigh the loss and not the metrics, divided by the number of rows", async () => {
    const data = { x: column(1, 2, 3), y: column(2, 4, 6), sampleWeight: [1, 0, 4] };
    // Squared errors 1, 4, 9: (1·1 + 0·4 + 4·9) / 3; absolute errors 1, 2, 3 count once each.
    const { loss, meanAbsoluteError } = await line().evaluate(data);
    expect(loss).toBeCloseTo(37 / 3, 5);
    expect(meanAbsoluteError).toBe(2);
    const { logs } = await line().fit(data, silent);
    expect(logs["loss"]![0]).toBeCloseTo(37 / 3, 5);
  });

  it("take a class's weight from its number or its one-hot label, times the sample's own", async () => {
    // Every probability is 1/3: each row's loss is ln 3. Weights 1·2, 5·3, 1·1 with class 2 not listed.
    const x = [[1, 1, 1], [1, 1, 1], [1, 1, 1]];
    const expected = ((2 + 15 + 1) / 3) * Math.log(3);
    for (const oneHot of [false, true]) {
      const y = oneHot ? [[1, 0, 0], [0, 1, 0], [0, 0, 1]] : [0, 1, 2];
      const model = classifier(oneHot);
      const { logs } = await model.fit({ x, y, sampleWeight: [2, 3, 1] }, { classWeight: { 1: 5 }, validation: { x, y }, ...silent });
      // A few roundings of 2⁻²⁴ on numbers under 10.
      expect(logs["loss"]![0]).toBeCloseTo(expected, 5);
      expect(logs["val_loss"]![0]).toBeCloseTo(Math.log(3), 5);
    }
  });

  it("refuse labels that are no classes, and sample weights of several steps beside class weights", async () => {
    const model = sequential([layers.input([2, 3]), layers.dense({ units: 3, activation: "softmax" })]).compile({
      optimizer: "sgd",
      loss: "sparseCategoricalCrossentropy",
    });
    const data = { x: [[[1, 2, 3], [1, 2, 3]]], y: [[0, 1]] };
    await expect(model.fit(data, { classWeight: { 0: 2 }, ...silent })).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      where: "fit classWeight",
      received: "labels of shape [1, 2]",
    });
    const steps = { x: [[1, 1, 1]], y: [0], sampleWeight: [[1, 2]] };
    await expect(classifier(false).fit(steps, { classWeight: { 0: 2 }, ...silent })).rejects.toMatchObject({ code: "BAD_DATA" });
  });
});

describe("a validation share", () => {
  it("is drawn by seed, stratified where the loss is one of classes, and never trained on", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => i);
    const data = fromArrays({ inputs: rows.map((i) => [i, 1, 1]), labels: rows.map((i) => (i < 40 ? 0 : i < 50 ? 1 : 2)) });
    const model = classifier(false);
    const trained = new Set<number>();
    const labels: number[] = [];
    const spied = data.map((row, { index }) => {
      labels[index] = Number(row["label"]);
      trained.add(index);
      return row;
    });
    await model.fit(spied, { validation: 0.2, seed: 1, ...silent });
    expect(trained.size).toBe(60);
    const { train, test } = await data.split({ test: 0.2, stratify: true, seed: 1 });
    expect([train.length, test.length]).toEqual([48, 12]);
    const again = classifier(false);
    const { logs } = await again.fit(data, { validation: 0.2, seed: 1, ...silent });
    const split = await classifier(false).fit(train, { validation: test, seed: 1, ...silent });
    expect(split.logs).toEqual(logs);
  });

  it("is not stratified by whole numbers that are measured", async () => {
    const data = fromArrays({ inputs: column(...Array.from({ length: 20 }, (_, i) => i)), labels: Array.from({ length: 20 }, (_, i) => i % 4) });
    const { test } = await data.split({ test: 0.25, seed: 0 });
    const { logs } = await line().fit(data, { validation: 0.25, ...silent });
    expect(logs["val_loss"]).toEqual([(await line().evaluate(test)).loss]);
  });

  it("is refused for a stream and outside of 0 to 1", async () => {
    const streamed = fromRows(() => [{ a: [1], b: 1 }], {
      columns: { a: { dtype: "float32", shape: [1] }, b: { dtype: "float32", shape: [] } },
      inputs: ["a"],
      labels: ["b"],
    });
    await expect(line().fit(streamed, { validation: 0.2, ...silent })).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "fit validation" });
    await expect(line().fit({ x: column(1), y: column(1) }, { validation: 1.5, ...silent })).rejects.toMatchObject({ where: "fit validation" });
    // What the message advises works.
    const cached = fromRows(() => [1, 2, 3, 4].map((value) => ({ a: [value], b: value })), {
      columns: streamed.columns,
      inputs: ["a"],
      labels: ["b"],
    });
    await line().fit(cached.skip(2), { validation: cached.take(2), ...silent });
    await line().fit(await cached.cache(), { validation: 0.5, ...silent });
  });
});

describe("several inputs and outputs", () => {
  function twoByTwo(): Model {
    const [left, right] = [layers.input([1], { name: "left" }), layers.input([1], { name: "right" })];
    const shared = layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" });
    return new Model({ inputs: [left, right], outputs: { near: shared(left), far: shared(right) } });
  }

  it("are matched by name, with losses, weights and metrics of their own", async () => {
    const model = twoByTwo().compile({
      optimizer: optimizers.sgd({ learningRate: 0 }),
      loss: { near: "meanSquaredError", far: "meanAbsoluteError" },
      lossWeights: { far: 10 },
      metrics: { far: ["meanSquaredError"] },
    });
    // In another order than the model's.
    const data = { x: { right: column(5, 6), left: column(1, 2) }, y: { far: column(7, 8), near: column(2, 5) } };
    // near: (1 + 9) / 2 = 5; far: 2; together 5 + 10 · 2
    expect(await model.evaluate(data)).toEqual({ loss: 25, near_loss: 5, far_loss: 2, far_meanSquaredError: 4 });
    expect(await (await model.predict({ right: [[5]], left: [[1]] })).toArray()).toEqual([[1]]);
    const [near, far] = await model.predictAll({ right: [[5]], left: [[1]] });
    expect([await near!.item(), await far!.item()]).toEqual([1, 5]);
  });

  it("train a shared layer by the sum of gradients", async () => {
    const model = twoByTwo().compile({ optimizer: optimizers.sgd({ learningRate: 1 }), loss: "meanSquaredError" });
    // 2 · 1 · (1 − 2) + 2 · 2 · (2 − 3) = −6
    await model.fit({ x: { left: column(1), right: column(2) }, y: { near: column(2), far: column(3) } }, silent);
    expect(await kernelOf(model)).toEqual([7]);
    expect(model.variables).toHaveLength(1);
  });

  it("need labels only for outputs that are judged", async () => {
    const model = twoByTwo().compile({ optimizer: "sgd", loss: { far: "meanSquaredError" } });
    expect(await model.evaluate({ x: { left: column(1), right: column(2) }, y: { far: column(5) } })).toEqual({ loss: 9, far_loss: 9 });
  });

  it("refuse columns that go by other names", async () => {
    const model = twoByTwo().compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const x = { left: column(1), right: column(2) };
    await expect(model.fit({ x: { left: column(1), rihgt: column(1) }, y: { near: [1], far: [1] } }, silent)).rejects.toMatchObject({
      code: "BAD_DATA",
      where: 'input "right" of model',
      received: "left, rihgt",
    });
    await expect(model.fit({ x, y: { near: [1] } }, silent)).rejects.toMatchObject({ where: 'label "far" of model' });
    // Several columns are never matched by their order.
    await expect(model.predict({ a: [[1]], b: [[2]] })).rejects.toMatchObject({ code: "BAD_DATA" });
  });
});

describe("trainOnBatch", () => {
  it("does one step and leaves alone where fit stands", async () => {
    const data = { x: column(1, 2), y: column(3, 3) };
    const model = line({ learningRate: 0.125 });
    expect(await model.trainOnBatch(data)).toEqual({ loss: 2.5, meanAbsoluteError: 1.5 });
    expect(await kernelOf(model)).toEqual([1.5]);
    expect(model.position).toBeUndefined();
    await model.fit(data, { epochs: 2, ...silent });
    const position = model.position!();
    await model.trainOnBatch(data);
    expect(model.position!()).toEqual(position);
    expect(model.compiled!.optimizer.step).toBe(4);
  });

  it("draws dropout from the model's seed and the step", async () => {
    const run = async (seed: number): Promise<number[]> => {
      const model = sequential([layers.input([8]), layers.dropout({ rate: 0.5 }), layers.dense({ units: 1, kernelInitializer: "ones" })], { seed }).compile({
        optimizer: optimizers.sgd({ learningRate: 0 }),
        loss: "meanSquaredError",
      });
      const data = { x: [[1, 2, 3, 4, 5, 6, 7, 8]], y: column(0) };
      return [(await model.trainOnBatch(data)).loss, (await model.trainOnBatch(data)).loss];
    };
    const [first, second] = await run(1);
    expect(first).not.toBe(second);
    expect(await run(1)).toEqual([first, second]);
    expect(await run(2)).not.toEqual([first, second]);
  });

  it("draws dropout by the model's own names, whatever another model calls its layers", async () => {
    const run = async (nested: boolean): Promise<number> => {
      const model = sequential([layers.input([8]), layers.dropout({ rate: 0.5 }), layers.dense({ units: 1, kernelInitializer: "ones" })]);
      if (nested) sequential([layers.input([8]), model]);
      model.compile({ optimizer: "sgd", loss: "mse" });
      return (await model.trainOnBatch({ x: [[1, 2, 4, 8, 16, 32, 64, 128]], y: column(0) })).loss;
    };
    expect(await run(true)).toBe(await run(false));
  });
});
