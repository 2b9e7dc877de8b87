import { beforeEach, expect, it, vi } from "vitest";
import type { Engine } from "./engine.js";
import type { EngineOptions } from "./engineOptions.js";

beforeEach(() => {
  // The choice holds for a process: each test loads the modules anew.
  vi.resetModules();
});

/** The functions under test, and what the factory was called with; it fails as often as told. */
async function place(failures = 0) {
  const { offerEngines, setEngine } = await import("./choice.js");
  const { getRuntime } = await import("../tensor/runtime.js");
  const { Tensor } = await import("../tensor/tensor.js");
  const calls: EngineOptions[] = [];
  const offer = (): void =>
    offerEngines(async (options) => {
      calls.push(options);
      if (calls.length <= failures) throw new Error("no such engine");
      return { name: "wasm", load: async () => ({ run: async () => [] }) } as unknown as Engine;
    });
  const value = new Tensor({ shape: [1], dtype: "float32", value: Float32Array.of(1) });
  const run = () => getRuntime().evaluate([value]);
  return { calls, offer, setEngine, run };
}

const code = (code: string) => expect.objectContaining({ code });

it("makes one engine, with the options that were set, when something runs", async () => {
  const { calls, offer, setEngine, run } = await place();
  offer();
  setEngine({ threads: 3 });
  expect(calls).toEqual([]);
  await run().catch(() => undefined);
  await run().catch(() => undefined);
  expect(calls).toEqual([{ threads: 3 }]);
});

it("refuses a choice that comes too late, or before there is anything to choose from", async () => {
  const { offer, setEngine, run } = await place();
  expect(() => setEngine({})).toThrow(code("NO_ENGINE"));
  offer();
  await run().catch(() => undefined);
  expect(() => setEngine({ threads: 1 })).toThrow(code("BAD_ARGUMENT"));
});

it("allows another choice after an engine that did not start", async () => {
  const { calls, offer, setEngine, run } = await place(1);
  offer();
  await expect(run()).rejects.toThrow("no such engine");
  setEngine({ kind: "wasm" });
  await run().catch(() => undefined);
  expect(calls).toEqual([{}, { kind: "wasm" }]);
});
