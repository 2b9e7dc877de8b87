import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import "../../src/testing/engine.js";
import { type OnnxCase, run } from "./onnx.js";

const folder = fileURLToPath(new URL("../../conformance/onnx/", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

const read = (name: string): OnnxCase => JSON.parse(readFileSync(folder + name, "utf8")) as OnnxCase;

describe("models exported by PyTorch agree with it", () => {
  it.each(names)("%s", async (name) => {
    for await (const outcome of run(read(name), folder + name)) expect(outcome.reason ?? outcome.status).toBe("passed");
  });

  it("fails a model that gives, learns or ends otherwise", async () => {
    const name = "mlp.json";
    const test = read(name);
    const changed = <T extends { readonly data: readonly unknown[] }>(stored: T): T => ({ ...stored, data: [9, ...stored.data.slice(1)] });
    const wrong: readonly OnnxCase[] = [
      { ...test, output: changed(test.output) },
      { ...test, grads: { ...test.grads, "5.bias": changed(test.grads["5.bias"]!) } },
      { ...test, sgd: { ...test.sgd, losses: test.sgd.losses.map((loss) => loss * 1.01) } },
    ];
    for (const file of wrong) {
      for await (const outcome of run(file, folder + name)) expect(outcome.status).toBe("failed");
    }
  });
});
