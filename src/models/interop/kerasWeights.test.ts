import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import "../../testing/engine.js";
import { arrayOf, type DType } from "../../tensor/dtype.js";
import { load } from "../load.js";

interface Stored {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Files of scripts/fixtures/keras_files.py. */
const folder = fileURLToPath(new URL("../../../scripts/fixtures/keras/", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".keras"));

test.each(names)("%s predicts as in Keras", async (name) => {
  const { input, outputs } = JSON.parse(readFileSync(folder + name.replace(".keras", ".json"), "utf8")) as { input: Stored; outputs: Stored[] };
  const model = await load(folder + name);
  const got = await model.predictAll({ [model.inputNames[0]!]: { data: arrayOf(input.dtype, input.data), shape: input.shape } });
  expect(got.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
  for (const [i, want] of outputs.entries()) {
    const data = await got[i]!.data();
    // Both compute in float32, in another order of sums.
    want.data.forEach((value, at) => expect(Math.abs(Number(data[at]) - value)).toBeLessThan(1e-5));
  }
});
