import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as ops from "../src/ops/index.js";
import { catalogue, PACKAGES, REGISTRY } from "./docs/catalogue.js";
import { declarations, undocumented } from "./docs/declarations.js";
import { SRC } from "./docs/docstrings.js";
import { publicTypes } from "./docs/modules.js";
import { apiReference } from "./referenceApi.js";
import { opsReference } from "./reference.js";
import { DIFFERENCES, entriesOf, kerasReference, missingOf, SECTIONS } from "./referenceKeras.js";

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

describe("reference of all names", async () => {
  const pages = await apiReference();

  test("has an entry for every public name", () => {
    const text = (home: string): string => (home === "ops" ? page : pages[`${home.replace("/", "-")}.md`]!);
    const missing = catalogue.filter(({ home, name }) => !REGISTRY.includes(name) && !new RegExp("^(- `|#+ )" + name + "\\b", "m").test(text(home)));
    expect(missing.map(({ home, name }) => `${home} ${name}`)).toEqual([]);
  });

  test("shows every public type", () => {
    const missing = PACKAGES.flatMap(({ name, index }) => {
      const shown = pages[`${name.replace("/", "-")}.md`]!;
      const types = publicTypes(readFileSync(join(SRC, index), "utf8")).filter((type) => !new RegExp(`^(interface|type|##) ${type}\\b`, "m").test(shown));
      return types.map((type) => `${name} ${type}`);
    });
    expect(missing).toEqual([]);
  });

  test("every member of a public class, and every field of options, has a docstring", () => {
    const shown = Object.values(pages).join("\n");
    const named = declarations().filter(({ name, kind }) => kind === "class" ? shown.includes(`\n## ${name}\n`) : /(Options|Input)$/.test(name) && shown.includes(`\ninterface ${name}`));
    expect(named.length).toBeGreaterThan(150);
    expect(named.flatMap((one) => undocumented(one).map((member) => `${one.file} ${one.name}.${member}`))).toEqual([]);
  });

  test.each(Object.keys(pages))("%s is up to date: npx vitest run scripts/reference -u writes it", async (file) => {
    await expect(pages[file]).toMatchFileSnapshot(join(import.meta.dirname, "../docs/reference/api", file));
  });
});

describe("names beside Keras's", () => {
  test("most names of Keras are found", () => {
    const found = SECTIONS.flatMap(entriesOf).filter((entry) => entry.keras !== undefined);
    expect(found.length).toBeGreaterThan(200);
  });

  test("no name of Keras stands beside two of ours", () => {
    for (const section of SECTIONS) {
      const theirs = entriesOf(section).flatMap((entry) => entry.keras ?? []);
      expect(theirs).toEqual([...new Set(theirs)]);
      expect(theirs.filter((name) => missingOf(section).includes(name))).toEqual([]);
    }
  });

  // Activations take the tensor first and leave their options to the types.
  const compared = SECTIONS.filter(({ keras }) => keras !== "activations" && keras !== "data");

  test.each(compared.map((section) => [section.keras, section] as const))("every option of %s is compared, or a note stands there", (title, section) => {
    const entries = entriesOf(section).filter(({ keras }) => keras !== undefined);
    const unknown = entries.filter(({ differences, name }) => differences === undefined && DIFFERENCES[title]?.[name] === undefined);
    expect(unknown.map(({ name }) => name)).toEqual([]);
    // Callbacks, builders of models and what prepares text have no configuration to compare defaults by.
    const silent = entries.filter(({ differences, module }) => differences?.built === false && module !== "nacre/text");
    expect(title === "callbacks" || title === "applications" ? [] : silent.map(({ name }) => name)).toEqual([]);
  });

  test("differences are of names that exist", () => {
    const names = SECTIONS.flatMap((section) => entriesOf(section).map((entry) => `${section.keras} ${entry.name}`));
    const noted = Object.entries(DIFFERENCES).flatMap(([section, notes]) => Object.keys(notes).map((name) => `${section} ${name}`));
    expect(noted.filter((name) => !names.includes(name))).toEqual([]);
  });

  test("is up to date: npx vitest run scripts/reference -u writes it", async () => {
    await expect(kerasReference()).toMatchFileSnapshot(join(import.meta.dirname, "../docs/reference/keras.md"));
  });
});
