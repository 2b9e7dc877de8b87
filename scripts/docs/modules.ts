import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as nacre from "nacre";
import * as audio from "nacre/audio";
import * as data from "nacre/data";
import * as evaluate from "nacre/evaluate";
import * as image from "nacre/image";
import * as ship from "nacre/ship";
import * as text from "nacre/text";
import * as zoo from "nacre/zoo";
import { type Docstring, SRC } from "./docstrings.js";

const PACKAGES = [
  { name: "nacre", index: "index.ts", values: nacre },
  { name: "nacre/audio", index: "audio/index.ts", values: audio },
  { name: "nacre/data", index: "data/index.ts", values: data },
  { name: "nacre/evaluate", index: "evaluate/index.ts", values: evaluate },
  { name: "nacre/image", index: "image/index.ts", values: image },
  { name: "nacre/ship", index: "models/ship/index.ts", values: ship },
  { name: "nacre/text", index: "text/index.ts", values: text },
  { name: "nacre/zoo", index: "models/zoo/index.ts", values: zoo },
];

const taken = new Set<string>();

/** Imports of all public names, values and types; examples need not show them. Of types that share a name the first is meant. */
const PUBLIC = PACKAGES.map(({ name, index, values }) => {
  const types = publicTypes(readFileSync(join(SRC, index), "utf8")).filter((type) => !taken.has(type));
  for (const type of types) taken.add(type);
  return `import { ${[...Object.keys(values), ...types.map((type) => `type ${type}`)].join(", ")} } from "${name}";`;
});

/**
 * A module whose default export runs one example: all public names, what its own file exports, and
 * the context are in scope, and each `// value` at the end of a line is checked.
 */
export async function moduleOf({ file, example }: Docstring): Promise<string> {
  const own = (await import(join(SRC, file))) as Readonly<Record<string, unknown>>;
  const known = new Set(PACKAGES.flatMap(({ values }) => Object.keys(values)));
  const names = Object.keys(own).filter((name) => !known.has(name));
  const specifier = JSON.stringify(join(SRC, file).replace(/\.ts$/, ".js"));
  return [
    ...PUBLIC,
    ...(names.length === 0 ? [] : [`import { ${names.join(", ")} } from ${specifier};`]),
    `import { check } from ${JSON.stringify(join(import.meta.dirname, "check.js"))};`,
    `import type { Context } from ${JSON.stringify(join(import.meta.dirname, "context.js"))};`,
    "export default async ({ digits, train, test, model }: Context): Promise<void> => {",
    "  await (async () => {",
    ...example!.split("\n").map(checked),
    "  })();",
    "};",
    "",
  ].join("\n");
}

/** `console.log(a, b); // 1 2` and `a; // 1` become calls that compare the two. */
function checked(line: string): string {
  const log = /^(\s*)console\.log\((.*)\);\s*\/\/\s*(.+)$/.exec(line);
  if (log !== null) return `${log[1]}check(${JSON.stringify(log[3])}, [${log[2]}]);`;
  const value = /^(?!\s*(?:const|let|return)\b)(\s*)(\S.*);\s*\/\/\s*(.+)$/.exec(line);
  return value === null ? line : `${value[1]}check(${JSON.stringify(value[3])}, [${value[2]}]);`;
}

/** The names that an index exports as types. */
function publicTypes(index: string): string[] {
  return [...index.matchAll(/^export (type )?\{([^}]*)\} from/gm)].flatMap(([, all, names]) =>
    names!
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && (all !== undefined || name.startsWith("type ")))
      .map((name) => name.replace(/^type /, "")),
  );
}
