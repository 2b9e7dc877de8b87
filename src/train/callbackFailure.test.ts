import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { type Callback, callbacks, layers, type Model, sequential } from "../index.js";

/** y = w · x with w = 1, which is right from the start. */
function line(): Model {
  return sequential([layers.input([1]), layers.dense({ units: 1, useBias: false, kernelInitializer: "ones" })]).compile({
    optimizer: "sgd",
    loss: "mse",
  });
}

describe("a callback that fails", () => {
  const x = [[1], [2], [3], [4]];

  for (const hook of ["onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const) {
    for (const how of ["throws", "rejects"] as const) {
      it(`ends fit with its own error when ${hook} ${how}, and leaves the model usable`, async () => {
        const model = line();
        const own = new TypeError("mine");
        let calls = 0;
        const written: string[] = [];
        const told: unknown[] = [];
        const failing: Callback = {
          name: "failing",
          [hook](): Promise<void> | undefined {
            if (++calls > 1) return undefined;
            if (how === "throws") throw own;
            return Promise.resolve().then(() => Promise.reject(own));
          },
          onTrainFail: (error) => void told.push(error),
        };
        const bar = callbacks.progress({ style: "bar", write: (text) => void written.push(text), intervalMs: 0 });
        const options = { verbose: "silent" as const, epochs: 2, batchSize: 2, callbacks: [bar, failing] };
        // The very error, whose stack leads to the user's line.
        await expect(model.fit({ x, y: x }, options)).rejects.toBe(own);
        expect(own.stack).toContain("callbackFailure.test.ts");
        expect(told).toEqual([own]);
        if (written.length > 0) expect(written.at(-1)).toMatch(/\n$/);
        // Another training and what hangs on it work as ever.
        expect((await model.fit({ x, y: x }, options)).epochs).toEqual([0, 1]);
        expect((await model.evaluate({ x, y: x })).loss).toBe(0);
        expect((await model.predict(x)).shape).toEqual([4, 1]);
      });
    }
  }
});
