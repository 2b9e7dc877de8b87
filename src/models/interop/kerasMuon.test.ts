import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import "../../testing/engine.js";
import { layers, load, type Model, optimizers, schedules, sequential } from "../../index.js";
import { snakeCase } from "./toKeras.js";
import { keyOf, normals } from "../../random/host.js";

const data = { x: { shape: [12, 3], data: normals(keyOf(1), 36) }, y: { shape: [12, 2], data: normals(keyOf(2), 24) } };
const once = { batchSize: 12, shuffle: false, verbose: "silent" } as const;

function network(groups: Parameters<Model["compile"]>[0]["groups"] = []): Model {
  return sequential([layers.input([3]), layers.dense({ units: 4 }), layers.dense({ units: 2 })], { seed: 1 }).compile({
    optimizer: optimizers.muon({ learningRate: 0.02 }),
    loss: "mse",
    groups,
  });
}

async function weightsOf(model: Model): Promise<number[]> {
  const values = await Promise.all(model.variables.map((variable) => variable.read()));
  return values.flatMap((value) => [...(value as Float32Array)]);
}

let folder = "";
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "nacre-muon-"))));
afterAll(() => rm(folder, { recursive: true }));

it("Muon goes on from a .keras file, where matrices keep one value and other weights two", async () => {
  const model = network();
  await model.fit(data, { ...once, epochs: 3 });
  const path = join(folder, "muon.keras");
  await model.save(path);
  const loaded = await load(path);
  for (const each of [model, loaded]) await each.fit(data, once);
  expect(await weightsOf(loaded)).toEqual(await weightsOf(model));
});

it("schedules of our own are refused", async () => {
  const model = network();
  const learningRate = schedules.oneCycle({ maxLearningRate: 0.1, totalSteps: 10 });
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: "mse" });
  await expect(model.save(join(folder, "schedule.keras"))).rejects.toThrow(/schedule.*OneCycle/);
  model.compile({ optimizer: optimizers.adam({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10 }) }), loss: "mse" });
  await model.save(join(folder, "schedule.keras"));
});

it("options are spelt as Keras spells them", () => {
  expect(["adamBeta1", "beta2", "muonA", "nsSteps", "l1"].map(snakeCase)).toEqual(["adam_beta_1", "beta_2", "muon_a", "ns_steps", "l1"]);
});

it("groups of weights are refused, as Keras has none", async () => {
  const saving = network([{ match: "dense/**", learningRateMultiplier: 0.5 }]).save(join(folder, "groups.keras"));
  await expect(saving).rejects.toThrow(/groups/);
});
