import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../../testing/engine.js";
import { callbacks, type Callback, fromBytes, layers, load, type Model, optimizers, schedules, sequential } from "../../index.js";

const x = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
const y = x.map(([a, b]) => [a! * 2 - b!]);
const silent = { verbose: "silent", batchSize: 5, seed: 3 } as const;

function network(optimizer = optimizers.adam({ learningRate: 0.05 })): Model {
  return sequential([layers.input([2]), layers.dense({ units: 3, activation: "tanh" }), layers.dense({ units: 1 })], { seed: 7 }).compile({
    optimizer,
    loss: "mse",
  });
}

async function weightsOf(model: Model): Promise<number[]> {
  const values = await Promise.all(model.variables.map((variable) => variable.read()));
  return values.flatMap((value) => [...(value as Float32Array)]);
}

/** Gives each epoch the result that the test asks for, and takes note of the rate. */
function script(results: readonly number[], rates: number[] = []): Callback {
  return {
    name: "script",
    onEpochBegin: (_epoch, { optimizer }) => void rates.push(optimizer.optimizer.scalars(optimizer.step, optimizer.learningRate)["learningRate"]!),
    onEpochEnd: (epoch, logs) => void (logs["score"] = results[epoch]!),
  };
}

let folder = "";
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "nacre-catalogue-"))));
afterAll(() => rm(folder, { recursive: true }));

describe("reduceLROnPlateau", () => {
  const ratesOf = async (results: number[], options: Parameters<typeof callbacks.reduceLROnPlateau>[0]): Promise<number[]> => {
    const rates: number[] = [];
    await network(optimizers.sgd({ learningRate: 1 })).fit({ x, y }, {
      ...silent,
      epochs: results.length,
      callbacks: [script(results, rates), callbacks.reduceLROnPlateau({ monitor: "score", ...options })],
    });
    return rates.map((rate) => Math.round(rate * 1e6) / 1e6);
  };

  // The rates that Keras 3.15's ReduceLROnPlateau gives for these results, by its rules followed by hand.
  it("lowers the rate after epochs without improvement, rests, and stops at the least rate", async () => {
    const results = [1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5];
    expect(await ratesOf(results, { factor: 0.5, patience: 2 })).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125]);
    expect(await ratesOf(results, { factor: 0.5, patience: 2, cooldown: 2 })).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]);
    expect(await ratesOf(results, { factor: 0.1, patience: 1, minLr: 0.05 })).toEqual([1, 1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]);
  });

  it("refuses a factor that does not lower, and a result that nobody gives", async () => {
    expect(() => callbacks.reduceLROnPlateau({ factor: 1 })).toThrow(/below 1/);
    expect(() => callbacks.reduceLROnPlateau({ patience: -1 })).toThrow(/patience/);
    await expect(ratesOf([1], { monitor: "sore" })).rejects.toThrow(/did you mean "score"/);
  });
});

it("learningRateScheduler sets each epoch's rate, from the rate so far", async () => {
  const rates: number[] = [];
  const halving = callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? 0.4 : rate / 2));
  await network().fit({ x, y }, { ...silent, epochs: 3, callbacks: [halving, script([], rates)] });
  expect(rates).toEqual([0.4, 0.2, 0.1]);
  const wrong = callbacks.learningRateScheduler(() => Number.NaN);
  await expect(network().fit({ x, y }, { ...silent, callbacks: [wrong] })).rejects.toThrow(/at least 0/);
});

describe("backupAndRestore", () => {
  it("lets the same script, started again, end with the weights of an uninterrupted run, to the bit", async () => {
    const path = join(folder, "backup.nacre");
    const whole = network();
    await whole.fit({ x, y }, { ...silent, epochs: 4 });
    const backup = (): Callback => callbacks.backupAndRestore({ path, saveFreq: 2 });
    const crash: Callback = {
      name: "crash",
      onBatchEnd(batch, _logs, { optimizer }) {
        if (optimizer.step === 9) throw new Error(`power cut at batch ${batch}`);
      },
    };
    await expect(network().fit({ x, y }, { ...silent, epochs: 4, callbacks: [backup(), crash] })).rejects.toThrow("power cut");
    const again = network();
    const steps: number[] = [];
    const count: Callback = { name: "count", onBatchEnd: (_batch, _logs, { optimizer }) => void steps.push(optimizer.step) };
    await again.fit({ x, y }, { ...silent, epochs: 4, callbacks: [backup(), count] });
    // Three batches an epoch; the last backup before step 9 was after batch 2 of epoch 3, step 8.
    expect(steps).toEqual([9, 10, 11, 12]);
    expect(await weightsOf(again)).toEqual(await weightsOf(whole));
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  it("keeps the file when told so, and refuses one of another model", async () => {
    const path = join(folder, "kept.nacre");
    const options = { path, deleteCheckpoint: false };
    await network().fit({ x, y }, { ...silent, callbacks: [callbacks.backupAndRestore(options)] });
    expect((await load(path)).parameterCount).toBe(13);
    const other = network(optimizers.sgd());
    await expect(other.fit({ x, y }, { ...silent, callbacks: [callbacks.backupAndRestore(options)] })).rejects.toThrow(/of another/);
  });
});

describe("swapEMAWeights", () => {
  it("judges with the averages and trains on with the weights", async () => {
    const ema = optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 });
    const [plain, swapped] = [network(ema), network(ema)];
    const seen: number[][] = [];
    const look: Callback = { name: "look", onEpochEnd: async (_epoch, _logs, { model }) => void seen.push(await weightsOf(model as Model)) };
    await plain.fit({ x, y }, { ...silent, epochs: 3 });
    await swapped.fit({ x, y }, { ...silent, epochs: 3, callbacks: [callbacks.swapEMAWeights({ swapOnEpoch: true }), look] });
    expect(await weightsOf(swapped)).toEqual(await weightsOf(plain));
    expect(seen[2]).toEqual(await weightsOf(plain));
    expect(seen[0]).not.toEqual(seen[1]);
    const wrong = network().fit({ x, y }, { ...silent, callbacks: [callbacks.swapEMAWeights()] });
    await expect(wrong).rejects.toThrow(/useEma: true/);
  });
});

describe("validation with averages", () => {
  it("judges the averages, and training goes on with the weights, even when validation fails", async () => {
    const ema = optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 });
    const model = network(ema);
    const [tested, ended]: [number[][], number[][]] = [[], []];
    const look: Callback = {
      name: "look",
      onTestBegin: async (context) => void tested.push(await weightsOf(context.model as Model)),
      onEpochEnd: async (_epoch, _logs, context) => void ended.push(await weightsOf(context.model as Model)),
    };
    const options = { ...silent, epochs: 2, validation: { x, y } };
    const { logs } = await model.fit({ x, y }, { ...options, callbacks: [callbacks.swapEMAWeights(), look] });
    // What training ends with is what its last validation judged.
    expect(tested[1]).toEqual(await weightsOf(model));
    expect((await model.evaluate({ x, y })).loss).toBeCloseTo(logs["val_loss"]![1]!, 6);
    const raw: number[][] = [];
    const plain = network(ema);
    await plain.fit({ x, y }, { ...options, callbacks: [callbacks.lambda({ onEpochEnd: async () => void raw.push(await weightsOf(plain)) })] });
    expect(ended).toEqual(raw);
    const failing = network(ema);
    const controller = new AbortController();
    const abort = callbacks.lambda({ onTestBegin: () => controller.abort() });
    const fitting = failing.fit({ x, y }, { ...options, signal: controller.signal, callbacks: [callbacks.swapEMAWeights(), abort] });
    await expect(fitting).rejects.toMatchObject({ code: "ABORTED" });
    expect(await weightsOf(failing)).toEqual(raw[0]);
  });
});

describe("resuming equals never having stopped", () => {
  const makers: Readonly<Record<string, () => Callback[]>> = {
    reduceLROnPlateau: () => [callbacks.reduceLROnPlateau({ monitor: "loss", minDelta: 0.5, factor: 0.3, patience: 2, cooldown: 1 })],
    learningRateScheduler: () => [callbacks.learningRateScheduler((_epoch, rate) => rate * 0.7)],
    "swapEMAWeights at each epoch": () => [callbacks.swapEMAWeights({ swapOnEpoch: true })],
    "swapEMAWeights and a plateau of the validation": () => [callbacks.swapEMAWeights(), callbacks.reduceLROnPlateau({ minDelta: 0.2, patience: 1 })],
    "backupAndRestore beside others": () => [
      callbacks.backupAndRestore({ path: join(folder, "resumed.nacre") }),
      callbacks.reduceLROnPlateau({ monitor: "loss", minDelta: 0.5, factor: 0.3, patience: 2 }),
    ],
  };
  const fresh = (): Model => network(optimizers.adam({ learningRate: 0.1, useEma: true, emaMomentum: 0.7 }));
  const options = { ...silent, epochs: 6, validation: { x: x.slice(0, 5), y: y.slice(0, 5) } };

  it.each(Object.keys(makers))("%s", async (name) => {
    const whole = fresh();
    const rates: number[] = [];
    const expected = await whole.fit({ x, y }, { ...options, callbacks: [...makers[name]!(), script([], rates)] });
    if (name !== "swapEMAWeights at each epoch") expect(new Set(rates).size).toBeGreaterThan(2);
    // Interrupted after each third batch, in the middle of epochs and at their ends.
    let model = fresh();
    for (let round = 0; ; round++) {
      const controller = new AbortController();
      let batches = 0;
      const abort = callbacks.lambda({ onBatchEnd: () => void (++batches === 2 && controller.abort()) });
      try {
        const history = await model.fit({ x, y }, { ...options, resume: round > 0, signal: controller.signal, callbacks: [...makers[name]!(), script([]), abort] });
        expect(history).toEqual(expected);
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: "ABORTED" });
        model = await fromBytes(await model.toBytes());
      }
      expect(round).toBeLessThan(20);
    }
    expect(await weightsOf(model)).toEqual(await weightsOf(whole));
  });
});

it("callbacks that set the rate refuse a schedule, which they would end", async () => {
  const rate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 });
  for (const callback of [callbacks.reduceLROnPlateau({ monitor: "loss" }), callbacks.learningRateScheduler(() => 1)]) {
    const fitting = network(optimizers.adam({ learningRate: rate })).fit({ x, y }, { ...silent, callbacks: [callback] });
    await expect(fitting).rejects.toThrow(/expected a number.*ExponentialDecay/);
  }
});

describe("tensorBoard", () => {
  it("writes records whose lengths and checksums hold", async () => {
    const logDir = join(folder, "logs");
    await network().fit({ x, y }, { ...silent, epochs: 2, validation: 0.25, callbacks: [callbacks.tensorBoard({ logDir, updateFreq: 1, histogramFreq: 1 })] });
    expect((await readdir(logDir)).sort()).toEqual(["train", "validation"]);
    const [name] = await readdir(join(logDir, "train"));
    const file = await readFile(join(logDir, "train", name!));
    const tags = new Map<string, number>();
    for (let at = 0; at < file.length; ) {
      const length = Number(file.readBigUInt64LE(at));
      const payload = file.subarray(at + 12, at + 12 + length);
      expect(file.readUInt32LE(at + 8)).toBe(maskedCrc(file.subarray(at, at + 8)));
      expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc(payload));
      for (const [tag] of payload.toString("latin1").matchAll(/(?:batch|epoch)_[a-z_]+|dense(?:_1)?\/(?:kernel|bias)/g)) tags.set(tag, (tags.get(tag) ?? 0) + 1);
      at += 16 + length;
    }
    expect(Object.fromEntries(tags)).toEqual({
      batch_loss: 4, epoch_loss: 2, epoch_learning_rate: 2,
      "dense/kernel": 2, "dense/bias": 2, "dense_1/kernel": 2, "dense_1/bias": 2,
    });
  });
});

/** CRC-32C bit by bit, another way than the writer's. */
function maskedCrc(data: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0x82f63b78n : 0n);
  }
  crc ^= 0xffffffffn;
  return Number(((crc >> 15n) | (crc << 17n)) + 0xa282ead8n & 0xffffffffn);
}

it("lambda makes a callback of functions", async () => {
  const seen: string[] = [];
  const hooks = callbacks.lambda({ onEpochEnd: (epoch) => void seen.push(`end ${epoch}`), onTrainEnd: () => void seen.push("done") });
  await network().fit({ x, y }, { ...silent, epochs: 2, callbacks: [hooks] });
  expect(seen).toEqual(["end 0", "end 1", "done"]);
  expect(() => callbacks.lambda({ onEpochEnd: 3 } as never)).toThrow(/onEpochEnd: expected a function/);
  expect(() => callbacks.tensorBoard({ histogramFreq: 0.5 })).toThrow(/whole number/);
  expect(() => callbacks.lambda({ onEpochStart: () => undefined } as never)).toThrow(/onEpoch/);
});
