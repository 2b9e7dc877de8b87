import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import "../../testing/engine.js";
import { callbacks, type Callback, type FitContext, layers, load, Model, optimizers, sequential } from "../../index.js";
import { fromArrays, type Row } from "../../data/index.js";
import { Monitor } from "../monitor.js";
import { duration, formatLogs } from "./progress.js";

const data = { x: [[1], [2], [3]], y: [[2], [4], [6]] };
const silent = { verbose: "silent", shuffle: false } as const;

function line(learningRate = 0): Model {
  return sequential([layers.input([1]), layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" })]).compile({
    optimizer: optimizers.sgd({ learningRate }),
    loss: "mse",
    metrics: ["mae"],
  });
}

/** A context that only takes note of what a callback asks for. */
function context(model: Model, stops: string[] = []): FitContext {
  return {
    model,
    epochs: 4,
    stepsPerEpoch: 10,
    validates: true,
    batchLoss: Number.NaN,
    dataWait: 0,
    optimizer: model.compiled!.optimizer,
    stop: (reason) => void stops.push(reason),
    save: () => undefined,
  };
}

/** Sets the weight to the epoch's number, and the watched result to the one given. */
function script(results: readonly number[]): Callback {
  return {
    name: "script",
    onEpochEnd(epoch, logs, { model }) {
      model.variables[0]!.assign([epoch]);
      logs["score"] = results[epoch]!;
    },
  };
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nacre-callbacks-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("earlyStopping", () => {
  const run = async (results: number[], options: Parameters<typeof callbacks.earlyStopping>[0]): Promise<[number, number, string | undefined]> => {
    const model = line();
    const history = await model.fit(data, {
      ...silent,
      epochs: results.length,
      callbacks: [script(results), callbacks.earlyStopping({ monitor: "score", ...options })],
    });
    return [history.epochs.length, ((await model.variables[0]!.read()) as Float32Array)[0]!, history.stopped];
  };

  it("stops after so many epochs without improvement, as Keras does", async () => {
    expect(await run([3, 2, 2.5, 1, 1, 1, 1], {})).toEqual([3, 2, "score has not improved on 2.000 of epoch 2"]);
    expect(await run([3, 2, 2.5, 1, 1, 1, 0], { patience: 2 })).toEqual([6, 5, "score has not improved on 1.000 of epoch 4"]);
    expect(await run([3, 2, 1], { patience: 2 })).toEqual([3, 2, undefined]);
    expect((await run([3, 2.95, 2.9, 2.85], { minDelta: 0.1 }))[0]).toBe(2);
    expect((await run([1, 2, 3, 2], { mode: "max" }))[0]).toBe(4);
    expect((await run([1, 2, 1, 0], { mode: "max" }))[0]).toBe(3);
    expect((await run([1, 5, 5, 5, 4, 5], { startFromEpoch: 2 }))[0]).toBe(4);
    expect((await run([5, 4.5, 4.4, 4.4, 1], { patience: 3, baseline: 4 }))[0]).toBe(4);
    expect((await run([5, 3.5, 4.4, 4.4, 4.4], { patience: 3, baseline: 4 }))[0]).toBe(5);
    expect((await run([Number.NaN, Number.NaN, 1], {}))).toEqual([1, 0, "score has not improved at all"]);
  });

  it("puts back the weights of the best epoch, also when training was not stopped", async () => {
    expect((await run([3, 1, 2, 2], { patience: 2, restoreBestWeights: true }))[1]).toBe(1);
    expect((await run([3, 1, 2], { patience: 9, restoreBestWeights: true }))[1]).toBe(1);
    expect((await run([3, 1, 2], { patience: 9 }))[1]).toBe(2);
  });

  it("begins anew when its object serves a second training", async () => {
    const stopping = callbacks.earlyStopping({ monitor: "score", patience: 1 });
    for (let i = 0; i < 2; i++) {
      const history = await line().fit(data, { ...silent, epochs: 5, callbacks: [script([1, 2, 3, 4, 5].map((x) => x + i)), stopping] });
      expect(history.epochs).toHaveLength(2);
    }
  });

  it.each([
    ["earlyStopping", callbacks.earlyStopping()],
    ["reduceLROnPlateau", callbacks.reduceLROnPlateau()],
    ["modelCheckpoint", callbacks.modelCheckpoint({ path: "never.nacre", saveBestOnly: true })],
  ])("a training without validation is refused by %s before its first step", async (where, callback) => {
    const model = line();
    await expect(model.fit(data, { ...silent, callbacks: [callback] })).rejects.toMatchObject({ code: "UNKNOWN_NAME", where, received: '"val_loss"', fix: "give fit validation data" });
    expect(await model.variables[0]!.read()).toEqual(new Float32Array([1]));
  });

  it("names results that there are when the watched one is missing", async () => {
    await expect(line().fit(data, { ...silent, callbacks: [callbacks.earlyStopping({ monitor: "val_mae" })] })).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
      where: "earlyStopping",
      expected: "monitor to be one of loss, mae",
      fix: "give fit validation data",
    });
    await expect(line().fit(data, { ...silent, callbacks: [callbacks.earlyStopping({ monitor: "los" })] })).rejects.toMatchObject({ fix: 'did you mean "loss"?' });
    expect(() => callbacks.earlyStopping({ patiense: 3 } as never)).toThrow(/did you mean "patience"/);
  });

  it("knows which results are better when larger", () => {
    for (const name of ["val_accuracy", "auc", "precision", "val_f1Score", "meanIoU", "r2Score", "cosineSimilarity", "binaryAccuracy"]) {
      expect(new Monitor(name).best, name).toBe(-Infinity);
    }
    for (const name of ["loss", "val_loss", "mae", "meanSquaredError"]) expect(new Monitor(name).best, name).toBe(Infinity);
  });
});

describe("modelCheckpoint", () => {
  it("saves each epoch, or only the best", async () => {
    const all = join(folder, "epoch-{epoch}.nacre");
    const best = join(folder, "best.nacre");
    await line().fit(data, {
      ...silent,
      epochs: 3,
      callbacks: [
        callbacks.modelCheckpoint({ path: best, monitor: "score", saveBestOnly: true }),
        callbacks.modelCheckpoint({ path: join(folder, "never.nacre"), monitor: "score", saveBestOnly: true, initialValueThreshold: 1 }),
        callbacks.modelCheckpoint({ path: all }),
        script([3, 1, 2]),
      ].toReversed(),
    });
    expect((await readdir(folder)).sort()).toEqual(["best.nacre", "epoch-1.nacre", "epoch-2.nacre", "epoch-3.nacre"]);
    expect(await (await load(best)).variables[0]!.read()).toEqual(Float32Array.of(1));
    expect(await (await load(join(folder, "epoch-3.nacre"))).variables[0]!.read()).toEqual(Float32Array.of(2));
  });

  it("saves every so many batches", async () => {
    const save = vi.spyOn(Model.prototype, "save").mockResolvedValue();
    try {
      await line().fit(data, { ...silent, epochs: 2, batchSize: 1, callbacks: [callbacks.modelCheckpoint({ path: "{epoch}.nacre", saveFreq: 2 })] });
      expect(save.mock.calls).toEqual([["1.nacre"], ["2.nacre"]]);
    } finally {
      save.mockRestore();
    }
  });

  it("refuses settings that mean nothing, and reports a folder that is not there", async () => {
    for (const options of [{ saveFreq: 0 }, { saveFreq: 1.5 }, { saveFreq: 2, saveBestOnly: true }]) {
      expect(() => callbacks.modelCheckpoint({ path: "a", ...options })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
    const model = line();
    const path = join(folder, "missing", "a.nacre");
    await expect(model.fit(data, { ...silent, callbacks: [callbacks.modelCheckpoint({ path })] })).rejects.toMatchObject({ code: "FILE_ACCESS" });
    await model.fit(data, silent);
  });
});

describe("csvLogger", () => {
  it("writes a row for each epoch, with results that come later too", async () => {
    const path = join(folder, "log.csv");
    const late: Callback = { name: "late", onEpochEnd: (epoch, logs) => void (epoch === 1 && (logs["extra"] = 7)) };
    await line().fit(data, { ...silent, epochs: 2, callbacks: [late, callbacks.csvLogger({ path, separator: ";" })] });
    const loss = Math.fround(14 / 3);
    expect(await readFile(path, "utf8")).toBe(`epoch;loss;mae;extra\n0;${loss};2;\n1;${loss};2;7\n`);
  });
});

describe("csvLogger with append", () => {
  it("writes below the rows of an older file, and makes one where there is none", async () => {
    const path = join(folder, "appended.csv");
    const train = (): Promise<unknown> => line().fit(data, { ...silent, epochs: 1, callbacks: [callbacks.csvLogger({ path, append: true })] });
    await train();
    const loss = Math.fround(14 / 3);
    expect(await readFile(path, "utf8")).toBe(`epoch,loss,mae\n0,${loss},2\n`);
    await train();
    expect(await readFile(path, "utf8")).toBe(`epoch,loss,mae\n0,${loss},2\n0,${loss},2\n`);
  });
});

describe("modelCheckpoint of weights alone", () => {
  it("writes a file that loadWeights reads", async () => {
    const path = join(folder, "epoch-{epoch}.safetensors");
    const model = line();
    await model.fit(data, { ...silent, epochs: 2, callbacks: [callbacks.modelCheckpoint({ path, saveWeightsOnly: true })] });
    expect((await model.loadWeights(join(folder, "epoch-2.safetensors"))).loaded).toHaveLength(model.variables.length);
  });
});

describe("terminateOnNaN", () => {
  it("ends at a result that is no number", async () => {
    const history = await line().fit(data, { ...silent, epochs: 3, callbacks: [script([1, Number.NaN, 1]), callbacks.terminateOnNaN()] });
    expect(history).toMatchObject({ epochs: [0, 1], stopped: "score is NaN in epoch 2" });
  });
});

describe("progress", () => {
  it("tells the share of time that steps waited for slow data, and nothing of fast data", async () => {
    const lines: string[] = [];
    const shares: number[] = [];
    const note: Callback = { name: "note", onEpochEnd: (_epoch, _logs, { dataWait }) => void shares.push(dataWait) };
    const options = { ...silent, batchSize: 1, callbacks: [note, callbacks.progress({ style: "lines", write: (line) => lines.push(line) })] };
    const slow = async (row: Row): Promise<Row> => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return row;
    };
    const model = line();
    await model.fit(data, options);
    await model.fit(fromArrays({ inputs: data.x, labels: data.y }).map(slow), options);
    expect(lines[0]).not.toContain("waited");
    expect(lines[1]).toMatch(/ {2}waited for data \d+ %$/m);
    // Three rows of 0.1 s each, beside steps of less than a millisecond; a busy machine may be fifty times slower.
    expect(shares[1]).toBeGreaterThan(0.5);
    expect(shares[1]).toBeLessThanOrEqual(1);
  });

  it("prints a line for each epoch", async () => {
    let text = "";
    const write = (part: string): void => void (text += part);
    const stop: Callback = { name: "stop", onEpochEnd: (epoch, _logs, at) => void (epoch === 1 && at.stop("enough")) };
    await line().fit(data, { ...silent, epochs: 10, callbacks: [stop, callbacks.progress({ style: "lines", write })] });
    expect(text).toMatch(/^Epoch {2}1\/10 \d+\.\d s {2}loss 4\.6667 {2}mae 2\.0000\nEpoch {2}2\/10 \d+\.\d s {2}loss 4\.6667 {2}mae 2\.0000\nStopped: enough\.\n$/);
  });

  it("draws a bar with the time that is left", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const lines: string[] = [];
      const bar = callbacks.progress({ style: "bar", write: (part) => lines.push(part), intervalMs: 0 });
      const at = context(line());
      await bar.onEpochBegin!(1, at);
      // The first step compiles. Then 500 ms a step: 6 more of this epoch and 2 epochs of 10 take 13 s.
      for (let batch = 0; batch < 4; batch++) {
        vi.advanceTimersByTime(batch === 0 ? 5000 : 500);
        await bar.onBatchEnd!(batch, () => ({ loss: 0.5 }), at);
        if (batch === 0) expect(lines.at(-1)).toContain(" 1/10  loss");
      }
      expect(lines.at(-1)).toBe("\r\u001b[2KEpoch 2/4 ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌ 4/10 13 s left  loss 0.5000");
      await bar.onEpochEnd!(1, { loss: 0.25 }, at);
      expect(lines.at(-1)).toBe("\r\u001b[2KEpoch 2/4 6.5 s  loss 0.2500\n");
      // An error that comes while a bar is drawn stands on a line of its own.
      const { length } = lines;
      bar.onTrainFail!(new Error("after an epoch"));
      expect(lines).toHaveLength(length);
      await bar.onBatchEnd!(0, () => ({ loss: 0.5 }), at);
      bar.onTrainFail!(new Error("within one"));
      expect(lines.slice(length + 1)).toEqual(["\n"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("estimates from the steps that it saw when training went on within an epoch, and guesses nothing without a length", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const lines: string[] = [];
      const bar = callbacks.progress({ style: "bar", write: (part) => lines.push(part), intervalMs: 0 });
      const at = { ...context(line()), epochs: 1 };
      await bar.onEpochBegin!(0, at);
      vi.advanceTimersByTime(1000);
      await bar.onBatchEnd!(7, () => ({ loss: 1 }), at);
      vi.advanceTimersByTime(1000);
      await bar.onBatchEnd!(8, () => ({ loss: 1 }), at);
      expect(lines.at(-1)).toContain("9/10 1.0 s left");
      await bar.onBatchEnd!(8, () => ({ loss: 1 }), { ...at, stepsPerEpoch: undefined });
      expect(lines.at(-1)).toContain(" 9/?  loss");
    } finally {
      vi.useRealTimers();
    }
  });

  it("shows the whole line of an epoch, however long", async () => {
    const lines: string[] = [];
    const bar = callbacks.progress({ style: "bar", write: (part) => lines.push(part) });
    const at = context(line());
    await bar.onEpochBegin!(0, at);
    const logs = { loss: 1, accuracy: 1, sparseTopKCategoricalAccuracy: 1, val_loss: 1, val_accuracy: 1, val_sparseTopKCategoricalAccuracy: 0.5 };
    await bar.onEpochEnd!(0, logs, at);
    expect(lines.at(-1)).toMatch(/val_sparseTopKCategoricalAccuracy 0\.5000\n$/);
  });

  it("redraws no more often than it is told", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      let count = 0;
      const bar = callbacks.progress({ style: "bar", write: () => void count++, intervalMs: 100 });
      const at = context(line());
      await bar.onEpochBegin!(0, at);
      for (let batch = 0; batch < 10; batch++) {
        vi.advanceTimersByTime(30);
        await bar.onBatchEnd!(batch, () => ({}), at);
      }
      expect(count).toBeLessThanOrEqual(3);
      expect(count).toBeGreaterThan(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("writes numbers and durations for people", () => {
    expect(formatLogs({ loss: 0.123456, tiny: 0.000012345, none: 0, bad: Number.NaN })).toBe("loss 0.1235  tiny 1.23e-5  none 0.0000  bad NaN");
    expect([840, 12_400, 185_000, 59_700, 7_800_000, 3_599_900].map(duration)).toEqual(["0.8 s", "12 s", "3 min 05 s", "1 min 00 s", "2 h 10 min", "1 h 00 min"]);
  });
});
