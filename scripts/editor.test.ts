import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { activations, initializers, losses, metrics, optimizers } from "nacre";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LanguageServer } from "./editor/languageServer.js";
import { makeProject, root } from "./package/build.mjs";

/** What somebody types who has installed the package. */
const USE = `import { layers, sequential } from "nacre";

const data = { x: [[1, 2]], y: [0] };
const model = sequential([layers.input([2]), layers.dense({ units: 2, activation: "softmax" })]).compile({
  optimizer: "adam",
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy", "sparseTopKCategoricalAccuracy"],
});
const results = await model.evaluate(data);
const { loss } = await model.evaluate(data);
console.log(results.accuracy, loss);
layers.dense({ units: 1, kernelInitializer: "zeros", });
`;

const MISSPELT = `import { layers, sequential } from "nacre";

layers.dense({ units: 1, activation: "rlu" });
sequential([]).compile({ optimizer: "adm", loss: "mse" });
sequential([]).compile({ optimizer: "adam", loss: "msee" });
sequential([]).compile({ optimizer: "adam", loss: "mse", metrics: ["acuracy"] });
`;

describe("an editor", () => {
  let project = "";
  let server: LanguageServer;
  let use = "";
  let misspelt = "";

  beforeAll(async () => {
    mkdirSync(join(root, "out"), { recursive: true });
    project = mkdtempSync(join(root, "out", "editor-"));
    await makeProject(project);
    use = join(project, "use.ts");
    misspelt = join(project, "misspelt.ts");
    writeFileSync(use, USE);
    writeFileSync(misspelt, MISSPELT);
    const compilerOptions = { strict: true, module: "nodenext", target: "es2022", types: [], noEmit: true };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts", "misspelt.ts"] }));
    server = await LanguageServer.start(project);
    server.open(use);
    server.open(misspelt);
  });

  afterAll(() => {
    server?.close();
    rmSync(project, { recursive: true, force: true });
  });

  test("finds no mistake in what is right", async () => {
    expect(await server.mistakes(use)).toEqual([]);
  });

  test("offers the options of a layer", async () => {
    const offered = await server.completions(use, 'kernelInitializer: "zeros", ');
    expect(offered).toEqual(expect.arrayContaining(["activation?", "biasInitializer?", "kernelRegularizer?", "name?", "useBias?"]));
  });

  test.each([
    ["optimizers", 'optimizer: "', ["adam", "sgd", "rmsprop"], optimizers.get],
    ["losses", 'loss: "', ["mse", "meanSquaredError", "sparseCategoricalCrossentropy"], losses.get],
    ["metrics", 'metrics: ["', ["accuracy", "auc", "mae"], metrics.get],
    ["activations", 'activation: "', ["relu", "gelu", "swish"], activations.get],
    ["initializers", 'kernelInitializer: "', ["glorotUniform", "heNormal", "zeros"], initializers.get],
  ])("offers the names of %s, and nothing else", async (_, before, some, get) => {
    const offered = await server.completions(use, before);
    expect(offered).toEqual(expect.arrayContaining(some));
    // `acc` means the accuracy that fits the data: there is no metric of that name.
    for (const name of offered.filter((each) => each !== "acc")) expect(() => get(name)).not.toThrow();
  });

  test("shows the keys of results, and offers them", async () => {
    expect(await server.hover(use, "const results")).toContain('Record<"accuracy" | "loss" | "sparseTopKCategoricalAccuracy", number>');
    expect(await server.completions(use, "results.")).toEqual(["accuracy", "loss", "sparseTopKCategoricalAccuracy"]);
    expect(await server.hover(use, "await model.evaluate")).toContain("accuracy");
  });

  test("marks misspelt names", async () => {
    const mistakes = await server.mistakes(misspelt);
    expect(mistakes).toHaveLength(4);
    for (const [i, name] of ["rlu", "adm", "msee", "acuracy"].entries()) expect(mistakes[i]).toContain(`"${name}"`);
  });
});
