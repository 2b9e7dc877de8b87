import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../testing/engine.js";
import {
  callbacks,
  type Callback,
  type FitOptions,
  fromBytes,
  type History,
  layers,
  load,
  type Model,
  NacreError,
  optimizers,
  schedules,
  sequential,
} from "../index.js";
import { keyOf, normals } from "../random/host.js";

/** 22 rows of noise in three classes: 4 batches of 5 and, without a validation share, one of 2. */
const ROWS = 22;
const noise = normals(keyOf(3), ROWS * 4);
const data = {
  x: Array.from({ length: ROWS }, (_, i) => Array.from(noise.subarray(4 * i, 4 * i + 4))),
  y: Array.from({ length: ROWS }, (_, i) => i % 3),
};
const validation = { x: data.x.slice(0, 9), y: data.y.slice(0, 9) };
const BATCHES = 5;
const EPOCHS = 4;

function build(optimizer: Parameters<Model["compile"]>[0]["optimizer"] = "adam"): Model {
  return sequential([
    layers.input([4]),
    layers.dense({ units: 6, activation: "relu" }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: "softmax" }),
  ]).compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-resume-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The callbacks whose state a checkpoint must hold, writing into a folder of their own. */
function watchers(name: string): Callback[] {
  return [
    // First in the list, so that its files would miss what the others remember of the epoch.
    callbacks.modelCheckpoint({ path: join(folder, `${name}-{epoch}.nacre`), saveBestOnly: true }),
    callbacks.earlyStopping({ patience: 1, monitor: "val_loss", restoreBestWeights: true, minDelta: 0.02 }),
    callbacks.earlyStopping({ patience: 50, monitor: "accuracy" }),
    callbacks.csvLogger({ path: join(folder, `${name}.csv`) }),
  ];
}

async function weightsOf(model: Model): Promise<number[][]> {
  return Promise.all(model.variables.map(async (variable) => Array.from((await variable.read()) as Float32Array)));
}

interface Outcome {
  readonly weights: number[][];
  readonly history: History;
  readonly csv: string;
}

const SETTINGS: FitOptions = { epochs: EPOCHS, batchSize: 5, validation, seed: 7, verbose: "silent" };

async function outcome(model: Model, history: History, name: string): Promise<Outcome> {
  return { weights: await weightsOf(model), history, csv: await readFile(join(folder, `${name}.csv`), "utf8") };
}

async function uninterrupted(name: string, optimizer?: Parameters<typeof build>[0]): Promise<Outcome> {
  const model = build(optimizer);
  const history = await model.fit(data, { ...SETTINGS, callbacks: watchers(name) });
  return outcome(model, history, name);
}

/** Trains until `interrupt` aborts, saves, loads into a new model, goes on, and again until the end. */
async function interrupted(
  name: string,
  interrupt: (abort: () => void) => Callback,
  optimizer?: Parameters<typeof build>[0],
): Promise<Outcome & { readonly interruptions: number }> {
  let model = build(optimizer);
  for (let interruptions = 0; ; interruptions++) {
    const controller = new AbortController();
    const options: FitOptions = {
      ...SETTINGS,
      signal: controller.signal,
      resume: interruptions > 0,
      callbacks: [...watchers(name), interrupt(() => controller.abort())],
    };
    try {
      const history = await model.fit(data, options);
      return { ...(await outcome(model, history, name)), interruptions };
    } catch (error) {
      expect(error).toMatchObject({ code: "ABORTED" });
      expect(interruptions).toBeLessThan(2 * BATCHES * EPOCHS);
      model = await fromBytes(await model.toBytes());
    }
  }
}

describe("the same command with the same seed", () => {
  it("gives the same bits, with dropout, batch normalisation, shuffling and a validation share", async () => {
    const run = async (): Promise<unknown> => {
      const model = build();
      const history = await model.fit(data, { epochs: 3, batchSize: 5, validation: 0.2, seed: 1, verbose: "silent" });
      return { weights: await weightsOf(model), history };
    };
    const first = await run();
    expect(await run()).toEqual(first);
    const other = build();
    await other.fit(data, { epochs: 3, batchSize: 5, validation: 0.2, seed: 2, verbose: "silent" });
    expect(await weightsOf(other)).not.toEqual((first as { weights: number[][] }).weights);
  });
});

describe("resuming equals never having stopped, bit for bit", () => {
  it("after each batch, whether in the middle of an epoch or at its end", async () => {
    const expected = await uninterrupted("whole");
    expect(expected.history.epochs.length).toBeGreaterThan(1);
    const { interruptions, ...found } = await interrupted("batches", (abort) => ({ name: "abort", onBatchEnd: abort }));
    expect(interruptions).toBe(expected.history.epochs.length * BATCHES);
    expect(found).toEqual(expected);
  });

  it("before the first batch, and at the start of each epoch", async () => {
    const expected = await uninterrupted("whole");
    let begun = false;
    const seen = new Set<number>();
    const { interruptions, ...found } = await interrupted("begin", (abort) => ({
      name: "abort",
      onTrainBegin() {
        if (!begun) abort();
        begun = true;
      },
      onEpochBegin(epoch) {
        if (seen.has(epoch)) return;
        seen.add(epoch);
        abort();
      },
    }));
    // Aborted in onTrainBegin before epoch 0 begins, then once after the first batch of each epoch.
    expect(interruptions).toBe(expected.history.epochs.length + 1);
    expect(found).toEqual(expected);
  });

  it("during validation, without losing the epoch's training", async () => {
    const expected = await uninterrupted("whole");
    const done = new Set<number>();
    const steps: (number | undefined)[] = [];
    const { interruptions, ...found } = await interrupted("validation", (abort) => {
      let epoch = 0;
      return {
        name: "abort",
        onEpochBegin: (current) => void (epoch = current),
        onBatchEnd(batch, _logs, context) {
          if (batch < BATCHES - 1 || done.has(epoch)) return;
          done.add(epoch);
          steps.push((context.model as Model).compiled?.optimizer.step);
          // Past the check after the batch, and before the one after the first batch of validation.
          queueMicrotask(() => queueMicrotask(() => setTimeout(abort, 0)));
        },
      };
    });
    expect(interruptions).toBeGreaterThan(0);
    expect(steps).toEqual(steps.map((_, i) => (i + 1) * BATCHES));
    expect(found).toEqual(expected);
  });

  const optimizersTried = {
    "SGD with momentum": () => optimizers.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
    RMSprop: () => optimizers.rmsprop({ learningRate: 0.01, centered: true }),
    "AdamW with a schedule": () =>
      optimizers.adamw({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.02, decaySteps: 15 }), weightDecay: 0.01 }),
    "clipped gradients": () => optimizers.adam({ globalClipnorm: 0.1 }),
    "accumulated gradients and averaged weights": () =>
      optimizers.adam({ gradientAccumulationSteps: 3, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 }),
  };
  for (const [title, make] of Object.entries(optimizersTried)) {
    it(`with ${title}`, async () => {
      const expected = await uninterrupted("optimizer", make());
      let batches = 0;
      const { interruptions, ...found } = await interrupted(
        "optimizer2",
        (abort) => ({ name: "abort", onBatchEnd: () => void (++batches % 3 === 0 && abort()) }),
        make(),
      );
      expect(interruptions).toBeGreaterThan(1);
      expect(found).toEqual(expected);
    });
  }

  it("when a callback stopped training in the very batch of the abort", async () => {
    const stopping = (abort?: () => void): Callback => ({
      name: "stop",
      onBatchEnd(batch, _logs, context) {
        if (batch !== 2) return;
        context.stop("enough");
        abort?.();
      },
    });
    const whole = build();
    const expected = await whole.fit(data, { ...SETTINGS, callbacks: [stopping()] });
    expect(expected).toMatchObject({ epochs: [0], stopped: "enough" });
    const model = build();
    const controller = new AbortController();
    const aborted = model.fit(data, { ...SETTINGS, signal: controller.signal, callbacks: [stopping(() => controller.abort())] });
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    const loaded = await fromBytes(await model.toBytes());
    expect(await loaded.fit(data, { ...SETTINGS, resume: true, callbacks: [stopping()] })).toEqual(expected);
    expect(await weightsOf(loaded)).toEqual(await weightsOf(whole));
  });

  it("from a checkpoint that a callback wrote before others had seen the epoch", async () => {
    const expected = await uninterrupted("whole");
    const path = join(folder, "each-{epoch}.nacre");
    await build().fit(data, { ...SETTINGS, callbacks: [callbacks.modelCheckpoint({ path }), ...watchers("each")] });
    const model = await load(path.replace("{epoch}", "1"));
    const history = await model.fit(data, { ...SETTINGS, resume: true, callbacks: [callbacks.modelCheckpoint({ path }), ...watchers("again")] });
    // The second modelCheckpoint of the list keeps its state apart from the first.
    expect(await outcome(model, history, "again")).toEqual(expected);
  });

  it("from a save in the middle of training, not waited for", async () => {
    const saves: Promise<Uint8Array>[] = [];
    const spy: Callback = { name: "spy", onBatchEnd: (_batch, _logs, { model }) => void saves.push((model as Model).toBytes()) };
    const model = build();
    const history = await model.fit(data, { ...SETTINGS, epochs: 2, callbacks: [spy] });
    for (const bytes of [saves[0]!, saves[3]!, saves[6]!]) {
      const copy = await fromBytes(await bytes);
      expect(await copy.fit(data, { ...SETTINGS, epochs: 2, resume: true })).toEqual(history);
      expect(await weightsOf(copy)).toEqual(await weightsOf(model));
    }
  });
});

describe("resume", () => {
  it("of a finished training changes nothing, and goes on when there are more epochs", async () => {
    const whole = build();
    const expected = await whole.fit(data, { ...SETTINGS, epochs: 3 });
    const model = build();
    const two = await model.fit(data, { ...SETTINGS, epochs: 2 });
    const weights = await weightsOf(model);
    expect(await model.fit(data, { ...SETTINGS, epochs: 2, resume: true })).toEqual(two);
    expect(await weightsOf(model)).toEqual(weights);
    expect(await model.fit(data, { ...SETTINGS, epochs: 3, resume: true })).toEqual(expected);
    expect(await weightsOf(model)).toEqual(await weightsOf(whole));
  });

  it("refuses another seed, and within an epoch another batch size or other data", async () => {
    const model = build();
    const controller = new AbortController();
    const abort: Callback = { name: "abort", onBatchEnd: (batch) => void (batch === 2 && controller.abort()) };
    await expect(model.fit(data, { ...SETTINGS, signal: controller.signal, callbacks: [abort] })).rejects.toThrow(NacreError);
    await expect(model.fit(data, { ...SETTINGS, seed: 8, resume: true })).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      expected: "seed 7, with which this training began",
    });
    await expect(model.fit(data, { ...SETTINGS, batchSize: 6, resume: true })).rejects.toMatchObject({ received: "6" });
    await expect(model.fit(validation, { ...SETTINGS, resume: true })).rejects.toMatchObject({ code: "BAD_DATA", received: "2 batches" });
    // None of that moved anything.
    expect(await model.fit(data, { ...SETTINGS, resume: true })).toEqual(await build().fit(data, SETTINGS));
  });

  it("without a saved position starts anew", async () => {
    expect(await build().fit(data, { ...SETTINGS, resume: true })).toEqual(await build().fit(data, SETTINGS));
  });

  it("keeps a learning rate that a callback set", async () => {
    const slower: Callback = { name: "slower", onEpochBegin: (epoch, { optimizer }) => void (epoch === 1 && (optimizer.learningRate = 1e-4)) };
    const whole = build();
    await whole.fit(data, { ...SETTINGS, callbacks: [slower] });
    const model = build();
    await model.fit(data, { ...SETTINGS, epochs: 2, callbacks: [slower] });
    const loaded = await fromBytes(await model.toBytes());
    await loaded.fit(data, { ...SETTINGS, resume: true });
    expect(await weightsOf(loaded)).toEqual(await weightsOf(whole));
  });
});
