import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Context, context, writeFiles } from "./docs/context.js";
import { moduleOf } from "./docs/modules.js";

const ROOT = join(import.meta.dirname, "..");
const GUIDES = join(ROOT, "docs/guides");

/** Each block of ours in the guides stands alone: what it does not make comes from the context of the examples. */
const blocks = readdirSync(GUIDES).sort().flatMap((file) =>
  [...readFileSync(join(GUIDES, file), "utf8").matchAll(/```ts\n([^]*?)```/g)].map(([, example], i) => ({
    title: `${file} block ${i + 1}`,
    module: `${file.replace(".md", "")}${i + 1}.ts`,
    example: example!.trim(),
  })),
);

mkdirSync(join(ROOT, "out"), { recursive: true });
/** Inside the repository, so that the package's name leads to the source. */
const modules = mkdtempSync(join(ROOT, "out/guides-"));
const work = mkdtempSync(join(tmpdir(), "nacre-guides-"));

beforeAll(async () => {
  process.chdir(work);
  await writeFiles();
  const plain = { file: "index.ts", symbol: "", exported: false, description: "", tags: [] };
  await Promise.all(blocks.map(async ({ module, example }) => writeFileSync(join(modules, module), await moduleOf({ ...plain, example }))));
});

afterAll(() => {
  process.chdir(ROOT);
  rmSync(modules, { recursive: true });
  rmSync(work, { recursive: true });
});

describe("guides", () => {
  test("show code", () => expect(blocks.length).toBeGreaterThan(8));

  test.each(blocks.map(({ title, module }) => [title, module]))("%s", async (_, module) => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      const { default: run } = (await import(join(modules, module))) as { default: (context: Context) => Promise<void> };
      await run(await context());
    } finally {
      vi.restoreAllMocks();
    }
  });
});
