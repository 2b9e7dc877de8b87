import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layers, type Model, sequential } from "../index.node.js";
import type { Profile } from "../train/profileReport.js";

const rows = 40;
const data = { x: Array.from({ length: rows }, (_, i) => [i / rows, 1 - i / rows]), y: Array.from({ length: rows }, (_, i) => [i % 2]) };

let folder = "";
let model: Model;
let profile: Profile;
let before: unknown[];

const values = (of: Model): Promise<unknown[]> => Promise.all(of.variables.map((variable) => variable.read()));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "profile-test-"));
  process.env["TMPDIR"] = folder;
  const hidden = layers.dense({ units: 64, activation: "relu", name: "hidden" });
  const built = sequential([layers.input([2]), hidden, layers.dropout({ rate: 0.5, name: "drop" }), layers.dense({ units: 1, name: "head" })]);
  model = built.compile({ optimizer: "adam", loss: "meanSquaredError" }) as Model;
  await model.fit(data, { verbose: "silent", batchSize: 16 });
  before = await values(model);
  profile = await model.profile(data, { steps: 4, batchSize: 16, trace: join(folder, "trace.json") });
});
afterAll(() => rm(folder, { recursive: true }));

describe("profile", () => {
  it("tells time by layer, forward and backward", () => {
    expect(profile.steps).toBe(4);
    const names = profile.layers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["hidden", "head", "optimizer", "loss"]));
    for (const name of ["hidden", "head"]) {
      const layer = profile.layers.find((row) => row.name === name)!;
      expect(layer.forwardMs).toBeGreaterThan(0);
      expect(layer.backwardMs).toBeGreaterThan(0);
      expect(layer.forwardMs + layer.backwardMs).toBeCloseTo(layer.ms, 6);
    }
    // What belongs to no layer is casts and copies that stand between parts: little.
    const other = profile.layers.find(({ name }) => name === "other");
    expect(other?.calls ?? 0).toBeLessThan(profile.layers.reduce((sum, { calls }) => sum + calls, 0) / 4);
  });

  it("adds up", () => {
    for (const table of [profile.ops, profile.layers, profile.phases]) {
      expect(table.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(profile.kernelMs, 6);
      expect(table.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    }
    expect(profile.kernelMs + profile.runtimeMs + profile.hostMs).toBeCloseTo(profile.watchedMs, 6);
    expect(profile.hostShare).toBeGreaterThan(0);
    // One product forward and one or two backward for each dense layer, each once a step.
    const products = profile.ops.filter(({ name }) => /^(Fused)?(Gemm|MatMul)$/.test(name));
    expect(products.reduce((sum, { calls }) => sum + calls, 0)).toBe(5);
    expect(profile.phases.map(({ name }) => name)).toEqual(expect.arrayContaining(["forward", "backward", "optimizer"]));
  });

  it("prints tables", () => {
    expect(String(profile)).toMatch(/^Step [\d.]+ ms, median of 4/);
    expect(String(profile)).toMatch(/^layer +ms +share +calls +forward +backward$/m);
    expect(String(profile)).toMatch(/^hidden +[\d.]+ /m);
  });

  it("writes a trace, and leaves no other files", async () => {
    expect((await readdir(folder)).filter((name) => name.startsWith("nacre-"))).toEqual([]);
    const { traceEvents } = JSON.parse(await readFile(join(folder, "trace.json"), "utf8")) as { traceEvents: { ph: string; tid: number; ts: number; dur: number }[] };
    const on = (tid: number) => traceEvents.filter((event) => event.ph === "X" && event.tid === tid);
    expect([on(1).length, on(2).length]).toEqual([4, 4]);
    for (const [i, { ts, dur }] of on(2).entries()) {
      // 1 µs of rounding.
      expect(ts).toBeGreaterThanOrEqual(on(1)[i]!.ts - 1);
      expect(ts + dur).toBeLessThanOrEqual(on(1)[i]!.ts + on(1)[i]!.dur + 1);
    }
    expect(on(3).length / 4).toBe(profile.ops.reduce((sum, { calls }) => sum + calls, 0));
  });

  it("changes nothing", async () => {
    expect(await values(model)).toEqual(before);
  });

  it("refuses what it cannot measure", async () => {
    await expect(model.profile(data, { steps: 0 })).rejects.toMatchObject({ code: "BAD_ARGUMENT", where: "profile steps" });
    await expect(model.profile(data, { step: 1 } as never)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
    const raw = sequential([layers.input([2]), layers.dense({ units: 1 })]);
    await expect(raw.profile(data)).rejects.toMatchObject({ code: "NOT_COMPILED" });
  });
});
