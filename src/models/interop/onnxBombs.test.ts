import { expect, test } from "vitest";
import "../../testing/engine.js";
import { layers, sequential } from "../../index.js";
import { HOSTILE_ONNX } from "../../testing/hostileOnnx.js";
import { openOnnx } from "../../testing/mutateOnnx.js";

/** Of this process, whose other tests take memory, too; `npm run check:hardship` measures each file in a process of its own. */
const MAX_BYTES = 200 * 2 ** 20;
const MAX_MS = 1000;

test("the reader is there", async () => {
  expect(await openOnnx(await sequential([layers.input([1]), layers.flatten()]).toOnnx())).toBe(true);
});

test.each(Object.entries(HOSTILE_ONNX))("%s: opened or refused at once, in little memory", async (_, make) => {
  const bytes = make();
  const before = process.memoryUsage().rss;
  // Time of the processor: other tests may keep this one waiting.
  const begin = process.cpuUsage();
  await openOnnx(bytes);
  const { user, system } = process.cpuUsage(begin);
  expect((user + system) / 1000).toBeLessThan(MAX_MS);
  expect(process.memoryUsage().rss - before).toBeLessThan(MAX_BYTES);
});
