import { describe, expect, test } from "vitest";
import * as nacre from "nacre";
import { catalogue, namespaces } from "./docs/catalogue.js";
import { type Docstring, readDocstrings } from "./docs/docstrings.js";

const docstrings = readDocstrings().filter(({ exported }) => exported);

describe("docstrings of public functions and classes", () => {
  test("every namespace is known here", () => {
    expect(Object.entries(nacre).flatMap(([name, value]) => (typeof value === "object" ? [name] : []))).toEqual(namespaces);
  });

  test.each(catalogue.map((entry) => [`${entry.home} ${entry.name}`, entry] as const))("%s", (_, { name, room, tags }) => {
    const found = docstrings.filter(({ file, symbol }) => symbol === name && file.startsWith(room));
    expect(found.some((docstring) => complete(docstring, tags)), problem(found, tags)).toBe(true);
  });
});

function complete({ description, tags }: Docstring, needed: readonly string[]): boolean {
  return /\S.*\.(\s|$)/s.test(description) && (needed.length === 0 || needed.some((tag) => tags.includes(tag)));
}

function problem(found: readonly Docstring[], tags: readonly string[]): string {
  if (found.length === 0) return "it needs a docstring above its declaration";
  const wanted = tags.length === 0 ? "" : ` and @${tags.join(" or @")}`;
  return `its docstring in ${found.map(({ file }) => file).join(", ")} needs a sentence${wanted}`;
}
