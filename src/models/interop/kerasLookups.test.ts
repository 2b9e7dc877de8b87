import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { fromBytes, type Tensor } from "../../index.js";
import "../../testing/engine.js";
import { expectClose } from "../../testing/layerProbe.js";
import fixtures from "./kerasLookups.fixtures.json" with { type: "json" };
import type { KerasLookup } from "./kerasLookups.js";

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** The file of a case with another configuration, or without an entry. */
function edited(place: number, change: (text: string) => string, without?: RegExp): Uint8Array {
  const entries = unzipSync(bytesOf(fixtures.cases[place]!.file));
  entries["config.json"] = new TextEncoder().encode(change(new TextDecoder().decode(entries["config.json"])));
  return zipSync(Object.fromEntries(Object.entries(entries).filter(([name]) => without?.test(name) !== true)));
}

const refusal = (bytes: Uint8Array, onLookup?: () => void): Promise<unknown> =>
  fromBytes(bytes, onLookup === undefined ? {} : { onLookup }).then(() => undefined, (error: unknown) => error);

describe("a model of Keras that begins with lookups", () => {
  it.each(fixtures.cases.map((each) => [each.name, each] as const))("%s", async (_name, { file, inputs, output }) => {
    const lookups: Record<string, KerasLookup> = {};
    const model = await fromBytes(bytesOf(file), { onLookup: (input, lookup) => void (lookups[input] = lookup) });
    expect(Object.keys(lookups).sort()).toEqual(Object.keys(inputs).sort());
    expect([...model.inputNames].sort()).toEqual(Object.keys(inputs).sort());
    const fed = Object.entries(inputs).map(([name, rows]): [string, Tensor] => {
      const lookup = lookups[name] as (rows: unknown) => Tensor;
      return [name, lookup(name === "text" ? rows.flat() : rows)];
    });
    const found = (await (await model.predict(Object.fromEntries(fed))).data()) as Float32Array;
    // Sums of at most twelve float32 of size 1.
    expectClose(found, Float32Array.from(output.flat()), 1e-6);
  });

  it("is refused where nobody asks for them", async () => {
    expect(await refusal(bytesOf(fixtures.cases[0]!.file))).toMatchObject({
      code: "UNSUPPORTED",
      where: expect.stringMatching(/^Keras layer "text_vectorization" of class TextVectorization$/),
      fix: expect.stringContaining("onLookup"),
    });
  });

  it("is refused where a lookup stands elsewhere, is of another kind, or has no vocabulary", async () => {
    const nothing = (): void => {};
    expect(await refusal(edited(0, (text) => text.replace('"standardize": "lower_and_strip_punctuation"', '"standardize": {"module": "builtins", "class_name": "function", "config": "strip", "registered_name": "function"}')), nothing)).toMatchObject({ received: expect.stringContaining("standardize") });
    expect(await refusal(edited(0, (text) => text.replace('"sparse": false, "ragged": false, "vocab', '"sparse": false, "ragged": true, "vocab')), nothing)).toMatchObject({ received: "ragged true" });
    expect(await refusal(edited(0, (text) => text, /vocabulary/), nothing)).toMatchObject({ expected: "a vocabulary" });
    expect(await refusal(edited(0, (text) => text.replace('"keras_history": ["text", 0, 0]', '"keras_history": ["embedding", 0, 0]')), nothing)).toMatchObject({ received: "one elsewhere" });
  });
});
