import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Model } from "nacre";
import { catalogue, namespaces } from "./docs/catalogue.js";
import { type Context, context, writeFiles } from "./docs/context.js";
import { readDocstrings } from "./docs/docstrings.js";
import { guideBlocks } from "./docs/guides.js";
import { moduleOf } from "./docs/modules.js";

const ROOT = join(import.meta.dirname, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const docstrings = readDocstrings().filter(({ example }) => example !== undefined);
const examples = [
  ...docstrings.map((docstring) => ({ ...docstring, title: `${docstring.file} ${docstring.symbol}` })),
  ...guideBlocks(),
].map((example, i) => ({ ...example, module: `example${i}.ts` }));

mkdirSync(join(ROOT, "out"), { recursive: true });
/** Inside the repository, so that the package's name leads to the source. */
const modules = mkdtempSync(join(ROOT, "out/examples-"));
const work = mkdtempSync(join(tmpdir(), "nacre-examples-"));

beforeAll(async () => {
  process.chdir(work);
  await writeFiles();
  await Promise.all(examples.map(async (example) => writeFileSync(join(modules, example.module), await moduleOf(example))));
});

afterAll(() => {
  process.chdir(ROOT);
  rmSync(modules, { recursive: true });
  rmSync(work, { recursive: true });
});

describe("examples of the docstrings and the guides", () => {
  test("there are some", () => expect(examples.length).toBeGreaterThan(100));

  test("have the right types", () => {
    const config = {
      extends: join(ROOT, "tsconfig.json"),
      // What a user's strict project has; unused names are an example's right.
      compilerOptions: { rootDir: ROOT, noUnusedLocals: false, noUnusedParameters: false, noUncheckedIndexedAccess: false },
      include: ["*.ts"],
    };
    writeFileSync(join(modules, "tsconfig.json"), JSON.stringify(config));
    expect(typeErrors()).toEqual([]);
  });

  test.each(examples.map(({ title, module }) => [title, module]))("%s", async (_, module) => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      const { default: run } = (await import(join(modules, module))) as { default: (context: Context) => Promise<void> };
      await run(await context());
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe("README", () => {
  test("shows the quickstart as it runs", () => {
    const shown = /```ts\n(.*?)```/s.exec(README)![1];
    const region = /\/\/ <readme>\n(.*?)\/\/ <\/readme>/s.exec(readFileSync(join(ROOT, "examples/quickstart.ts"), "utf8"))![1];
    expect(shown).toBe(region);
  });

  test("names only what there is", () => {
    const known = new Set([...catalogue.map(({ name }) => name), ...namespaces, "AbortSignal"]);
    const table = README.split("\n").filter((line) => line.startsWith("|"));
    const names = table.flatMap((line) => [...line.matchAll(/`(?:new |\w+\.)?(\w+)(?:\(\))?`/g)].map(([, name]) => name!));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !known.has(name) && !(name in Model.prototype))).toEqual([]);
  });

  test("the quickstart learns", async () => {
    mkdirSync("examples/data", { recursive: true });
    writeFileSync("examples/data/digits.csv", readFileSync(join(ROOT, "examples/data/digits.csv")));
    process.argv.push("--fast");
    vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      await import("../examples/quickstart.js");
    } finally {
      process.argv.pop();
      vi.restoreAllMocks();
    }
  });

  test("fine-tuning an imported network beats training from nothing", async () => {
    mkdirSync("examples/data", { recursive: true });
    for (const file of ["digits.csv", "half-digits.onnx"]) writeFileSync(`examples/data/${file}`, readFileSync(join(ROOT, "examples/data", file)));
    process.argv.push("--fast");
    vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      await import("../examples/finetune.js");
    } finally {
      process.argv.pop();
      vi.restoreAllMocks();
    }
  });
});

/** What the compiler says of the modules, with each one's example named; src has a check of its own. */
function typeErrors(): string[] {
  try {
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", modules], { encoding: "utf8" });
    return [];
  } catch (error) {
    const lines = [...(error as { stdout: string }).stdout.matchAll(/(example\d+\.ts)\S*( error TS.*)/g)];
    return lines.map(([, module, message]) => examples.find((example) => example.module === module)!.title + message);
  }
}
