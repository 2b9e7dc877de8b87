import { describe, expect, test } from "vitest";
import * as nacre from "nacre";
import { catalogue, namespaces } from "./docs/catalogue.js";
import { type Docstring, readDocstrings } from "./docs/docstrings.js";

const docstrings = readDocstrings().filter(({ exported }) => exported);

describe("docstrings of public functions and classes", () => {
  test("every namespace is known here", () => {
    expect(Object.entries(nacre).flatMap(([name, value]) => (typeof value === "object" ? [name] : []))).toEqual(namespaces);
  });

  test.each(catalogue.map((entry) => [`${entry.home} ${entry.name}`, entry] as const))("%s", (_, { name, room }) => {
    const found = docstrings.filter(({ file, symbol }) => symbol === name && file.startsWith(room));
    expect(found.map(({ file }) => file), "it needs a docstring above its declaration").not.toEqual([]);
    expect(found.some(complete), `its docstring in ${found.map(({ file }) => file).join(", ")} needs a sentence and an @example`).toBe(true);
  });
});

function complete({ description, example }: Docstring): boolean {
  return /\S.*\.(\s|$)/s.test(description) && example !== undefined;
}
