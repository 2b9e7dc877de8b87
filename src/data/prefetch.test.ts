import { expect, test } from "vitest";
import { prefetch } from "./prefetch.js";

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

async function* numbers(log: (event: string) => void, failAt = Infinity): AsyncGenerator<number> {
  try {
    for (let i = 0; i < 6; i++) {
      await Promise.resolve();
      if (i === failAt) throw new Error(`no ${i}`);
      log(`made ${i}`);
      yield i;
    }
  } finally {
    log("closed");
  }
}

test("makes that many items ahead and no more, keeps the order, and closes the source", async () => {
  const log: string[] = [];
  const items = prefetch(numbers((event) => log.push(event)), 2);
  expect((await items.next()).value).toBe(0);
  await pause();
  expect(log).toEqual(["made 0", "made 1", "made 2"]);
  expect((await items.next()).value).toBe(1);
  await items.return(undefined);
  expect(log.at(-1)).toBe("closed");
});

test("an error waits for its turn", async () => {
  const items = prefetch(numbers(() => undefined, 2), 4);
  expect((await items.next()).value).toBe(0);
  // It has been thrown by now, while nobody is waiting.
  await pause();
  expect((await items.next()).value).toBe(1);
  await expect(items.next()).rejects.toThrow("no 2");
});
