import { expect, test } from "vitest";
import { NacreError } from "../../error.js";
import { randomSource } from "../../testing/mutate.js";
import { csvOptions, mutateCsv } from "../../testing/mutateCsv.js";
import { csv } from "./csv.js";

/** `npm run check:hardship` reads 10,000 files. */
const RUNS = 1500;
const MAX_MS = 1000;

test("damaged tables are read soundly, or refused with a NacreError, each within a second", async () => {
  const random = randomSource(1);
  let read = 0;
  let slowest = 0;
  for (let i = 0; i < RUNS; i++) {
    const [bytes, options] = [mutateCsv(random), csvOptions(random)];
    const begin = performance.now();
    try {
      const data = await csv(bytes, options);
      // Sound: as many values as the columns promise.
      for await (const batch of data.batches({ batchSize: data.length! })) {
        for (const { shape, data: values } of Object.values(batch)) expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
      }
      read++;
    } catch (error) {
      if (!(error instanceof NacreError)) throw error;
      expect(error.message.length).toBeLessThan(50_000);
    }
    slowest = Math.max(slowest, performance.now() - begin);
  }
  expect(read).toBeGreaterThan(RUNS / 10);
  expect(read).toBeLessThan(RUNS * 0.9);
  expect(slowest).toBeLessThan(MAX_MS);
});
