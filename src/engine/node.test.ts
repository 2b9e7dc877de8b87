import { expect, it, vi } from "vitest";
import { createNodeEngine } from "./node.js";

vi.mock("./native.js", () => ({ NativeBackend: { create: async () => Promise.reject(new Error("no library for this system")) } }));
vi.mock("./binding.js", () => ({ BindingBackend: { create: async () => Promise.reject(new Error("no binding either")) } }));

it("falls back to WebAssembly where nothing native loads, and says so once", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const [first, second] = [await createNodeEngine({ threads: 1 }), await createNodeEngine({ threads: 1 })];
  expect([first.name, second.name]).toEqual(["wasm", "wasm"]);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]![0]).toContain("no library for this system");
  await first.dispose();
  await second.dispose();
});

it("says what failed when the engine that was asked for does not load", async () => {
  await expect(createNodeEngine({ kind: "native" })).rejects.toThrow(
    expect.objectContaining({ code: "NO_ENGINE", received: "no library for this system" }),
  );
});
