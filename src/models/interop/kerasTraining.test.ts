import { expect, test } from "vitest";
import "../../testing/engine.js";
import { type StoredArray, arrayFrom, kerasCases } from "../../testing/kerasCases.js";
import { fromKerasBytes } from "./kerasArchive.js";
import type { Model } from "../model.js";

/** Files of scripts/fixtures/keras_training.py: saved after three steps, with the losses of the next five. */
const cases = kerasCases(new URL("../../../scripts/fixtures/keras/training.zip", import.meta.url)) as unknown as {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly StoredArray[];
  readonly labels: readonly StoredArray[];
  readonly losses: readonly number[];
}[];

/** The losses of the next steps on the one batch. */
async function goOn(model: Model, { inputs, labels, losses }: (typeof cases)[number]): Promise<number[]> {
  const x = { [model.inputNames[0]!]: arrayFrom(inputs[0]!) };
  const y = Object.fromEntries(labels.map((label, i) => [model.outputNames[i]!, arrayFrom(label)]));
  const found: number[] = [];
  for (const _ of losses) found.push((await model.trainOnBatch({ x, y } as never)).loss!);
  return found;
}

/** Five steps of float32 on sums in another order; Adafactor and Lamb divide by small norms. */
const TOLERANCE = 2e-5;

test.each(cases.map((one) => [one.name, one] as const))("training by %s goes on as in Keras", async (_name, one) => {
  const model = await fromKerasBytes(one.bytes);
  expect(model.compiled!.optimizer.step).toBe(3);
  const losses = await goOn(model, one);
  losses.forEach((loss, i) => expect(Math.abs(loss - one.losses[i]!)).toBeLessThan(TOLERANCE * (1 + one.losses[i]!)));
});

test.each(cases.map((one) => [one.name, one] as const))("a file that was written again goes on training by %s", async (_name, one) => {
  const again = await (await fromKerasBytes(one.bytes)).toBytes({ format: "keras" });
  const losses = await goOn(await fromKerasBytes(again), one);
  losses.forEach((loss, i) => expect(Math.abs(loss - one.losses[i]!)).toBeLessThan(TOLERANCE * (1 + one.losses[i]!)));
});

test("without the optimizer's state the losses are others", async () => {
  const one = cases.find(({ name }) => name === "adam")!;
  const model = await fromKerasBytes(one.bytes);
  const fresh = await fromKerasBytes(one.bytes);
  fresh.compiled!.optimizer.step = 0;
  expect(await goOn(fresh, one)).not.toEqual(await goOn(model, one));
});
