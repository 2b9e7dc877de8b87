import { describe, expect, it } from "vitest";
import type { Program } from "./engine.js";
import { SessionCache, programKey } from "./sessions.js";

/** A cache of two sessions whose opening and closing is written down. */
function cacheOfTwo(): { cache: SessionCache<string>; log: string[] } {
  const log: string[] = [];
  const cache = new SessionCache<string>(
    2,
    async ({ model }) => {
      if (model[0] === 255) throw new Error("refused");
      log.push(`open ${model[0]}`);
      return String(model[0]);
    },
    async (session) => {
      log.push(`close ${session}`);
    },
  );
  return { cache, log };
}

function program(byte: number): Program {
  return { model: Uint8Array.of(byte), inputs: [], outputs: [] };
}

/** Lets everything that waits for settled promises go on. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("session cache", () => {
  it("opens a program once, and closes the least recently used one", async () => {
    const { cache, log } = cacheOfTwo();
    for (const byte of [1, 2, 1, 3]) await cache.get(String(byte), program(byte));
    await turn();
    expect(log).toEqual(["open 1", "open 2", "open 3", "close 2"]);
    expect(await cache.get("2", program(2))).toBe("2");
    await turn();
    expect(log.slice(4)).toEqual(["open 2", "close 1"]);
  });

  it("closes with the last user", async () => {
    const { cache, log } = cacheOfTwo();
    await cache.acquire("1", program(1));
    await cache.acquire("1", program(1));
    cache.release("1");
    await turn();
    expect(log).toEqual(["open 1"]);
    cache.release("1");
    await turn();
    expect(log).toEqual(["open 1", "close 1"]);
  });

  it("stays open when its last user is forgotten, for the next one", async () => {
    const { cache, log } = cacheOfTwo();
    await cache.acquire("1", program(1));
    cache.forget("1");
    await cache.acquire("1", program(1));
    cache.release("1");
    await turn();
    expect(log).toEqual(["open 1", "close 1"]);
  });

  it("does not keep what failed to open", async () => {
    const { cache, log } = cacheOfTwo();
    await expect(cache.acquire("1", program(255))).rejects.toThrow("refused");
    await cache.acquire("1", program(1));
    expect(log).toEqual(["open 1"]);
  });

  it("waits until all are closed, also those that are still opening", async () => {
    const { cache, log } = cacheOfTwo();
    void cache.get("1", program(1));
    await cache.clear();
    expect(log).toEqual(["open 1", "close 1"]);
  });
});

describe("program key", () => {
  it("is shared by equal bytes and ports alone", async () => {
    const base = program(1);
    const port = { name: "x", dtype: "float32", shape: [1] } as const;
    expect(await programKey(base)).toBe(await programKey(program(1)));
    expect(await programKey(base)).not.toBe(await programKey(program(2)));
    expect(await programKey({ ...base, inputs: [port] })).not.toBe(await programKey({ ...base, outputs: [port] }));
  });
});
