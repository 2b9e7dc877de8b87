import { describe, expect, it } from "vitest";
import { fromBytes, layers, type Model, sequential } from "../../index.js";
import "../../testing/engine.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import fixtures from "./stateful.fixtures.json" with { type: "json" };

/** Both compute in float32, in other orders of at most a hundred sums of size 1. */
const TOLERANCE = 2e-6;

type Case = (typeof fixtures.cases)[number];

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

function rows({ shape, x }: Case, from = 0, to = 4): { readonly data: Float32Array; readonly shape: number[] } {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { data: Float32Array.from(x.slice(from * size, to * size)), shape: [to - from, ...shape] };
}

async function predicted(model: Model, ...of: Parameters<typeof rows>): Promise<Float32Array> {
  return (await (await model.predict(rows(...of))).data()) as Float32Array;
}

describe("as Keras on TensorFlow", () => {
  it.each(fixtures.cases.map((one) => [one.name, one] as const))("%s", async (_name, each) => {
    const model = await fromBytes(bytesOf(each.file));
    const want = (values: readonly number[]): Float32Array => Float32Array.from(values);
    const label = (from: number, to: number): number[][] => each.y.slice(from, to).map((y) => [y]);
    expectClose(await predicted(model, each), want(each.predict), TOLERANCE);
    model.resetStates();
    expectClose(await predicted(model, each, 2, 4), want(each.afterReset), TOLERANCE);
    model.resetStates();
    expect((await model.evaluate({ x: rows(each), y: label(0, 4) })).loss).toBeCloseTo(each.loss, 5);
    model.resetStates();
    const first = await model.trainOnBatch({ x: rows(each, 0, 2), y: label(0, 2) });
    const second = await model.trainOnBatch({ x: rows(each, 2, 4), y: label(2, 4) });
    expect([first.loss, second.loss].map((loss, i) => Math.abs(loss - each.losses[i]!))).toEqual([expect.closeTo(0, 5), expect.closeTo(0, 5)]);
    expectClose(await predicted(model, each, 0, 2), want(each.afterTraining), TOLERANCE);
  });

  it.each(fixtures.cases.map((one) => [one.name, one] as const))("%s, in files of both kinds", async (_name, each) => {
    const model = await fromBytes(bytesOf(each.file));
    const fresh = await fromBytes(await model.toBytes({ format: "keras" }));
    expectClose(await predicted(fresh, each), Float32Array.from(each.predict), TOLERANCE);
    // Where a model stands goes into a file of ours, not into Keras's.
    await predicted(model, each, 0, 2);
    const [here, there] = [await fromBytes(await model.toBytes()), await fromBytes(await model.toBytes({ format: "keras" }))];
    expectClose(await predicted(here, each, 2, 4), Float32Array.from(each.predict.slice(2)), TOLERANCE);
    expectClose(await predicted(there, each, 2, 4), Float32Array.from(each.afterReset), TOLERANCE);
    expect(here.parameterCount).toBe(model.parameterCount);
  });
});

function stateful(): Model {
  return sequential([layers.input([2, 1], { batchSize: 2 }), layers.lstm({ units: 2, stateful: true }), layers.dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "mse" });
}

describe("states", () => {
  const x = [[[1], [2]], [[3], [4]], [[5], [6]], [[7], [8]]];
  const y = [[0], [1], [0], [1]];

  it("go on through fit, whose epochs are begun anew by resetStates", async () => {
    const [model, byHand] = [stateful(), stateful()];
    byHand.initialize(0);
    const reset = { name: "reset", onEpochBegin: () => model.resetStates() };
    await model.fit({ x, y }, { epochs: 2, shuffle: false, verbose: "silent", callbacks: [reset] });
    for (const _epoch of [1, 2]) {
      byHand.resetStates();
      for (const at of [0, 2]) await byHand.trainOnBatch({ x: x.slice(at, at + 2), y: y.slice(at, at + 2) });
    }
    const values = (of: Model): Promise<unknown> => Promise.all([...of.variables, ...of.states].map((variable) => variable.read()));
    expect(await values(model)).toEqual(await values(byHand));
  });

  it("are no weights", () => {
    const model = stateful();
    expect(model.parameterCount).toBe(4 * 2 * (1 + 2 + 1) + 3);
    expect(model.states.map((state) => model.pathOf(state))).toEqual(["lstm/state_0", "lstm/state_1"]);
  });

  it("need batches of one size", async () => {
    expect(mistake(() => sequential([layers.input([2, 1]), layers.lstm({ units: 2, stateful: true })])).fix).toContain("batchSize: 32");
    const error = await stateful().fit({ x: x.slice(1), y: y.slice(1) }, { verbose: "silent" }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "SHAPE_MISMATCH", expected: "shape [2, 2, 1]", fix: expect.stringContaining("dropRemainder") });
    await expect(stateful().predict(x.slice(1))).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
  });

  it("do not go into a graph for other runtimes", async () => {
    await expect(stateful().toOnnx()).rejects.toMatchObject({ code: "UNSUPPORTED", fix: expect.stringContaining("returnState") });
  });
});
