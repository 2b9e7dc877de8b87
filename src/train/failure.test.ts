import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { layers, Model, sequential } from "../index.js";

const y = Array.from({ length: 8 }, () => [1]);
const rows = (wrong: number): number[][] => y.map((_, i) => (i === 5 ? [wrong, 0] : [i % 3, 1]));
const quiet = { batchSize: 4, shuffle: false, verbose: "silent" } as const;

const weightsOf = (model: Model) => Promise.all(model.variables.map((variable) => variable.read()));

describe("ids outside an embedding's table", () => {
  const embed = (): Model => {
    const ids = layers.input([2], { dtype: "int32", name: "ids" });
    return new Model({ inputs: ids, outputs: layers.embedding({ inputDim: 3, outputDim: 2, name: "words" })(ids) });
  };
  const onTop = (base: Model): Model => {
    const ids = layers.input([2], { dtype: "int32", name: "ids" });
    return new Model({ inputs: ids, outputs: layers.dense({ units: 1 })(layers.flatten()(base(ids))) }).compile({ optimizer: "adam", loss: "mse" });
  };

  it.each([-1, 3, 1e6])("are refused with row and layer: %d", async (id) => {
    const model = onTop(embed());
    const error = { code: "BAD_DATA", received: String(id), expected: expect.stringContaining('ids from 0 to 2, as embedding "') as unknown };
    await expect(model.fit({ x: rows(id), y }, quiet)).rejects.toMatchObject(error);
    await expect(model.predict(rows(id))).rejects.toMatchObject({ ...error, where: expect.stringContaining("row 5 (from 0)") as unknown });
    await expect(embed().predict(rows(id))).rejects.toMatchObject(error);
    await model.fit({ x: rows(0), y }, quiet);
  });

  it("are no matter of inputs that are not looked up", async () => {
    const model = sequential([layers.input([2], { dtype: "int32" }), layers.flatten()]);
    expect((await model.predict(rows(-7))).shape).toEqual([8, 2]);
  });
});

describe("a step that the engine refuses", () => {
  /** Ids that a layer computes: only the engine can find them wrong. */
  const computed = (): Model =>
    sequential([
      layers.input([2]),
      layers.rescaling({ scale: 1 }),
      layers.embedding({ inputDim: 3, outputDim: 2, name: "words" }),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ]).compile({ optimizer: "adam", loss: "mse" });

  it("names step and layer, and changes nothing", async () => {
    const model = computed();
    let before: unknown;
    const watch = { name: "watch", onBatchEnd: async () => void (before = await weightsOf(model)) };
    await expect(model.fit({ x: rows(7), y }, { ...quiet, callbacks: [watch] })).rejects.toMatchObject({
      code: "ENGINE_FAILED",
      where: 'embedding "words", step 1',
    });
    expect(before).toBeDefined();
    expect(await weightsOf(model)).toEqual(before);
    await model.fit({ x: rows(2), y }, quiet);
    expect(await weightsOf(model)).not.toEqual(before);
  });

  it("names the layer in predict, too", async () => {
    const model = computed();
    await expect(model.predict(rows(7))).rejects.toMatchObject({ code: "ENGINE_FAILED", where: 'embedding "words"' });
    expect((await model.predict(rows(1))).shape).toEqual([8, 1]);
  });
});

describe("a callback's state that cannot be restored", () => {
  it("is a file error that names the callback", async () => {
    const model = computedOnce();
    const picky = { name: "picky", state: () => ({ values: { at: 1 } }), restore: () => { throw new TypeError("no"); } };
    await model.fit({ x: rows(1), y }, { ...quiet, callbacks: [picky] });
    await expect(model.fit({ x: rows(1), y }, { ...quiet, epochs: 2, resume: true, callbacks: [picky] })).rejects.toMatchObject({
      code: "BAD_FILE",
      where: 'fit resume, callback "picky"',
    });
  });

  const computedOnce = (): Model =>
    sequential([layers.input([2]), layers.dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "mse" });
});
