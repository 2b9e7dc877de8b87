import { beforeAll, expect, test } from "vitest";
import "../../testing/engine.js";
import { randomSource } from "../../testing/mutate.js";
import { kerasFiles, mutateKeras, openKeras } from "../../testing/mutateKeras.js";

/** `npm run check:hardship` opens 10,000 files. */
const RUNS = 1500;
const MAX_MS = 1000;

let files: Record<string, Uint8Array>[] = [];
beforeAll(() => {
  files = kerasFiles(new URL("../../../", import.meta.url));
});

test("damaged files open or are refused with a NacreError, each within a second", async () => {
  const random = randomSource(1);
  const globals = Object.getOwnPropertyNames(Object.prototype);
  let [opened, slowest] = [0, 0];
  for (let i = 0; i < RUNS; i++) {
    const bytes = mutateKeras(files[random(files.length)]!, random);
    const begin = performance.now();
    if (await openKeras(bytes)) opened++;
    slowest = Math.max(slowest, performance.now() - begin);
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(globals);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  // Half of the bytes are values and padding, so that flips in them go unseen.
  expect(opened).toBeGreaterThan(RUNS / 20);
  expect(opened).toBeLessThan(RUNS * 0.9);
  expect(slowest).toBeLessThan(MAX_MS);
});
