import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import "../testing/engine.js";
import { callbacks, importOnnx, layers, load, losses, Model, NacreError, optimizers, sequential, tensor } from "../index.js";
import { audit, csv, fromArrays, fromRows } from "../data/index.js";

/** What a mistaken call gives, whatever its types say. */
type Call = () => unknown;
const none = undefined as never;
const later = Promise.resolve({ x: [[1]], y: [1] }) as never;

function net(): Model {
  return sequential([layers.input([1]), layers.dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "mse" });
}

function pair(): Model {
  const [left, right] = [layers.input([1], { name: "left" }), layers.input([1], { name: "right eye" })];
  return new Model({ inputs: [left, right], outputs: layers.add()([left, right]) }).compile({ optimizer: "sgd", loss: "mse" });
}

async function errorOf(call: Call): Promise<NacreError> {
  try {
    await call();
  } catch (error) {
    // Raw TypeErrors would say nothing of the argument.
    expect(error).toBeInstanceOf(NacreError);
    return error as NacreError;
  }
  throw new Error("no error came");
}

describe("a call with nothing, or with the wrong kind of thing, is explained", () => {
  const x = layers.input([1]);
  const silent = { verbose: "silent" } as const;
  const calls: [string, Call, string, string][] = [
    ["fit({})", () => net().fit({} as never), "fit", "an empty object"],
    ["fit(null)", () => net().fit(null as never), "fit", "null"],
    ["fit()", () => net().fit(none), "fit", "nothing"],
    ["fit([…], […])", () => net().fit([[1]] as never, [1] as never), "fit", "a list of 1"],
    ["fit(tensor)", () => net().fit(tensor([[1]]) as never), "fit", "an object with "],
    ["fit(data, […])", () => net().fit({ x: [[1]], y: [1] }, [1] as never), "fit", "a list of 1"],
    ["fit with one callback", () => net().fit({ x: [[1]], y: [1] }, { callbacks: callbacks.earlyStopping() as never }), "fit callbacks", "an object with name"],
    ["fit with a factory", () => net().fit({ x: [[1]], y: [1] }, { callbacks: [callbacks.earlyStopping as never] }), "fit callbacks", "a function"],
    ["fit with verbose 0", () => net().fit({ x: [[1]], y: [1] }, { verbose: 0 as never }), "fit verbose", "0"],
    ["fit with classWeight in words", () => net().fit({ x: [[1]], y: [1] }, { ...silent, classWeight: "balanced" as never }), "fit classWeight", "a string"],
    ["save()", () => net().save(none), "save", "nothing"],
    ["export()", () => net().export(none), "model.export", "nothing"],
    ["importOnnx()", () => importOnnx(none), "importOnnx", "nothing"],
    ["load()", () => load(none), "load", "nothing"],
    ["load of bytes", () => load(new Uint8Array(4) as never), "load", "a typed array"],
    ["fit with validation null", () => net().fit({ x: [[1]], y: [1] }, { ...silent, validation: null as never }), "fit validation", "null"],
    ["evaluate()", () => net().evaluate(none), "evaluate", "nothing"],
    ["trainOnBatch()", () => net().trainOnBatch(none), "trainOnBatch", "nothing"],
    ["predict()", () => net().predict(none), "predict", "nothing"],
    ["predict({})", () => net().predict({}), "predict", "an empty object"],
    ["predict(text)", () => net().predict("1" as never), "predict", "a string"],
    ["compile()", () => net().compile(none), "compile", "nothing"],
    ["compile({})", () => net().compile({} as never), "compile, option optimizer", "undefined"],
    ["compile with a number", () => net().compile({ optimizer: 3 as never, loss: "mse" }), "optimizer", "3"],
    ["compile with a factory", () => net().compile({ optimizer: optimizers.adam as never, loss: "mse" }), "optimizer", "a function"],
    ["compile with an empty loss", () => losses.get({} as never), "loss", "an empty object"],
    ["sequential()", () => sequential(none), "sequential", "nothing"],
    ["sequential({})", () => sequential({} as never), "sequential", "an empty object"],
    ["sequential of a factory", () => sequential([x, layers.flatten as never]), "sequential, position 1", "a function"],
    ["layers.input()", () => layers.input(none), "input", "nothing"],
    ["layers.input(4)", () => layers.input(4 as never), "input", "4"],
    ["layers.input(null options)", () => layers.input([1], null as never), "input", "null"],
    ["new Model()", () => new Model(none), "model", "nothing"],
    ["new Model({})", () => new Model({} as never), "model, option inputs", "undefined"],
    ["new Model(x, y)", () => new Model(...([x, x] as unknown as [never])), "model", "an object with shape"],
    ["a layer called on data", () => layers.dense({ units: 1 })(tensor([[1]]) as never), "dense", "a tensor with data"],
    ["a layer called on numbers", () => layers.dense({ units: 1 })([[1]] as never), "dense", "a list of 1"],
    ["a layer called on nothing", () => layers.dense({ units: 1 })(none), "dense", "nothing"],
    ["a model called on data", () => net()(tensor([[1]]) as never), "model", "a tensor with data"],
    ["compile with a factory of losses", () => net().compile({ optimizer: "sgd", loss: losses.huber as never }), "loss", "a function"],
    ["batchSize as text", () => net().fit({ x: [[1]], y: [1] }, { batchSize: "32" as never }), "fit batchSize", "a string"],
    ["new Model of a shape", () => new Model({ inputs: [4] as never, outputs: x }), "model inputs", "4"],
    ["new Model of a layer", () => new Model({ inputs: x, outputs: layers.dense({ units: 1 }) as never }), "model outputs", "a function"],
    ["new Model of nothing", () => new Model({ inputs: x, outputs: [] }), "model outputs", "a list of 0"],
    ["fromArrays()", () => fromArrays(none), "fromArrays", "nothing"],
    ["fromArrays of text", () => fromArrays({ inputs: "abc" as never }), "fromArrays inputs", "a string"],
    ["fromRows(rows)", () => fromRows([{ x: 1 }] as never, {} as never), "fromRows", "a list of 1"],
    ["fromRows(open, {})", () => fromRows(() => [], {} as never), "fromRows, option columns", "undefined"],
    ["fromRows(open)", () => fromRows(() => [], none), "fromRows", "nothing"],
    ["csv()", () => csv(none), "csv", "nothing"],
  ];
  it.each(calls)("%s", async (_, call, where, received) => {
    const error = await errorOf(call);
    expect([error.code, error.where]).toEqual(["BAD_ARGUMENT", where]);
    expect(error.received).toContain(received);
  });
});

it.each<[string, Call]>([
  ["fit", () => net().fit(later)],
  ["fit x", () => net().fit({ x: later, y: [1] })],
  ["fit validation", () => net().fit({ x: [[1]], y: [1] }, { verbose: "silent", validation: later })],
  ["evaluate", () => net().evaluate(later)],
  ["predict", () => net().predict(later)],
  ["audit", () => audit(later)],
  ["csv", () => csv(later)],
  ["sequential", () => sequential(later)],
  ["fromArrays", () => fromArrays(later)],
])("a forgotten await is asked after: %s", async (_, call) => {
  expect(await errorOf(call)).toMatchObject({ received: "a Promise", fix: "did you forget await?" });
});

describe("a list for several inputs is answered with their names", () => {
  const [a, b] = [[[1], [2]], [[3], [4]]];
  const fix = 'pass { left: …, "right eye": … }';
  it.each<[string, Call, string]>([
    ["predict of a list", () => pair().predict([a, b] as never), "predict"],
    ["predict of a tensor", () => pair().predict(tensor(a!)), "predict"],
    ["predict of a typed array", () => pair().predict(new Float32Array(2)), "predict"],
    ["predict of a flat array with its shape", () => pair().predict({ data: new Float32Array(2), shape: [2, 1] }), "predict"],
    ["x as a list", () => pair().fit({ x: [a, b] as never, y: [1, 2] }), "fit data x"],
    ["x as a list in validation", () => pair().fit({ x: { left: a!, "right eye": b! }, y: [1, 2] }, { verbose: "silent", validation: { x: [a, b] as never, y: [1, 2] } }), "fit validation data x"],
  ])("%s", async (_, call, where) => {
    expect(await errorOf(call)).toMatchObject({ code: "BAD_ARGUMENT", where, fix });
  });

  it("in Keras's manner, too", async () => {
    expect((await errorOf(() => pair().fit([a, b] as never, [1, 2] as never))).fix).toBe('pass both as one argument: { x: { left: …, "right eye": … }, y: … }');
    expect(await (await pair().predict({ left: tensor(a!), "right eye": b! })).toArray()).toEqual([[4], [6]]);
  });
});

describe("names of files that say another format", () => {
  it.each([
    ["save", "net.onnx", 'export("net.onnx")'],
    ["save", "net.safetensors", 'saveWeights("net.safetensors")'],
    ["save", "net.h5", 'save("net.keras")'],
    ["export", "net.nacre", 'save("net.nacre")'],
    ["export", "net.keras", 'save("net.keras")'],
  ] as const)("%s refuses %s", async (method, path, fix) => {
    expect(await errorOf(() => net()[method](path))).toMatchObject({ code: "UNSUPPORTED", fix: expect.stringContaining(fix) as string });
  });
});

it("importOnnx names the file, and load for what save wrote", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nacre-arguments-"));
  try {
    const [saved, cut] = [join(folder, "net.nacre"), join(folder, "cut.onnx")];
    await net().save(saved);
    writeFileSync(cut, (await net().toOnnx()).subarray(0, 100));
    expect(await errorOf(() => importOnnx(saved))).toMatchObject({ code: "BAD_FILE", where: `${saved}: ONNX model`, fix: "load opens .nacre and .keras files" });
    expect(await errorOf(() => importOnnx(cut))).toMatchObject({ code: "BAD_FILE", where: `${cut}: ONNX model` });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
