import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import "../../src/testing/engine.js";
import { type ModelCase, run } from "./models.js";

const folder = fileURLToPath(new URL("../../conformance/models/", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

const read = (name: string): ModelCase => JSON.parse(readFileSync(folder + name, "utf8")) as ModelCase;

describe("models agree with Keras", () => {
  it.each(names)("%s", async (name) => {
    for await (const outcome of run(read(name), folder + name)) expect(outcome.reason ?? outcome.status).toBe("passed");
  });

  it("fails a model that predicts, trains or ends otherwise", async () => {
    const name = "mlp_regression.json";
    const test = read(name);
    const changed = <T extends { readonly data: readonly unknown[] }>(stored: T): T => ({ ...stored, data: [9, ...stored.data.slice(1)] });
    const { train } = test;
    const wrong: readonly ModelCase[] = [
      { ...test, prediction: changed(test.prediction) },
      { ...test, train: { ...train, prediction_after: changed(train.prediction_after) } },
      { ...test, train: { ...train, batch_losses_before_each_step: train.batch_losses_before_each_step.map((loss) => loss * 1.01) } },
    ];
    for (const file of wrong) {
      for await (const outcome of run(file, folder + name)) expect(outcome.status).toBe("failed");
    }
  });
});
