import { unzipSync, zipSync } from "fflate";
import { expect, test } from "vitest";
import "../../testing/engine.js";
import { NacreError } from "../../error.js";
import { kerasCases } from "../../testing/kerasCases.js";
import { fromKerasBytes } from "./kerasArchive.js";

interface Layer {
  config: Record<string, unknown>;
  class_name: string;
  inbound_nodes: { args: unknown[]; kwargs: object }[];
  [key: string]: unknown;
}

const cases = new Map(kerasCases(new URL("../../../scripts/fixtures/keras/layers.zip", import.meta.url)).map((one) => [one.name, one.bytes]));

/** The file of a case whose last layer was edited. */
function edited(name: string, edit: (last: Layer, all: Layer[]) => void): Uint8Array {
  const entries = unzipSync(cases.get(name)!);
  const config = JSON.parse(new TextDecoder().decode(entries["config.json"])) as { config: { layers: Layer[] } };
  const { layers } = config.config;
  edit(layers.at(-1)!, layers);
  return zipSync({ ...entries, "config.json": new TextEncoder().encode(JSON.stringify(config)) });
}

const operation = (class_name: string, options: object) => (last: Layer): void => {
  Object.assign(last, { class_name, config: { name: last.config["name"], ...options } });
};

/** Small files of something endless; the case is x → Transpose. */
const BOMBS: Readonly<Record<string, Uint8Array>> = {
  "repeating 10^9 times": edited("ops_transpose", operation("Repeat", { repeats: 1e9, axis: 1 })),
  "tiles of 10^9": edited("ops_transpose", operation("Tile", { repeats: [1, 1e9, 1e9] })),
  "10^9 classes": edited("ops_transpose", operation("OneHot", { num_classes: 1e9, axis: -1, dtype: "float32" })),
  "10^9 parts": edited("ops_transpose", operation("Split", { indices_or_sections: 1e9, axis: 1 })),
  "parts below nothing": edited("ops_transpose", operation("Split", { indices_or_sections: [-5, 1e12], axis: 1 })),
  "padding by 10^9": edited("ops_transpose", operation("Pad", { pad_width: 1e9, mode: "constant" })),
  "10^9 new axes": edited("ops_transpose", operation("ExpandDims", { axis: Array.from({ length: 5000 }, (_, i) => i) })),
  "a shape of 10^30": edited("ops_transpose", operation("BroadcastTo", { shape: [1e15, 1e15] })),
  "an equation without end": edited("ops_transpose", operation("Einsum", { subscripts: "abc".repeat(20_000) })),
  "a roll by 10^18": edited("ops_transpose", operation("Roll", { shift: 1e18, axis: 1 })),
  "a key of many axes": edited("ops_item", (last) => void (last.inbound_nodes[0]!.args[1] = Array.from({ length: 10_000 }, () => null))),
  "an index far away": edited("ops_item", (last) => void (last.inbound_nodes[0]!.args[1] = 1e15)),
  "one operation called 50,000 times": edited("ops_transpose", (last) => {
    const name = last.config["name"];
    const call = (i: number): { args: unknown[]; kwargs: object } => ({ args: [{ class_name: "__keras_tensor__", config: { keras_history: [name, i, 0] } }], kwargs: {} });
    last.inbound_nodes.push(...Array.from({ length: 50_000 }, (_, i) => call(i)));
  }),
  "arguments nested 400 deep": edited("ops_transpose", (last) => {
    let deep: unknown = last.inbound_nodes[0]!.args[0];
    for (let i = 0; i < 400; i++) deep = [deep];
    last.inbound_nodes[0]!.args = [deep];
  }),
  "a normalization of a function": edited("ops_transpose", operation("constructor", {})),
};

/** Building up to the limit on nodes takes longer than reading a sound file. */
const MAX_MS = 3000;

test.each(Object.entries(BOMBS))("%s opens or is refused in time, and takes no memory", async (_name, bytes) => {
  const before = process.memoryUsage().rss;
  const begin = performance.now();
  try {
    await fromKerasBytes(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(NacreError);
  }
  expect(performance.now() - begin).toBeLessThan(MAX_MS);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
});
