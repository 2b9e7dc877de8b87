import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as ops from "../src/ops/index.js";
import { opsReference } from "./reference.js";

const page = await opsReference();

describe("reference of the ops", () => {
  test("has an entry for every op", () => {
    const names = Object.entries(ops).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => !page.includes(`\n### ${name}\n`))).toEqual([]);
  });

  test("says of every op what gradient it has", () => {
    const entries = page.split("\n### ").slice(1).filter((entry) => !entry.startsWith("Options of"));
    expect(entries.filter((entry) => !/gradient (own|composed|none)/.test(entry))).toEqual([]);
  });

  test("is up to date: npx vitest run scripts/reference -u writes it", async () => {
    await expect(page).toMatchFileSnapshot(join(import.meta.dirname, "../docs/reference/ops.md"));
  });
});
