import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGES } from "./catalogue.js";
import { type Docstring, SRC } from "./docstrings.js";

const taken = new Set<string>();

/** Imports of all public names, values and types; examples need not show them. Of types that share a name the first is meant. */
const PUBLIC = PACKAGES.map(({ name, index, values }) => {
  const types = publicTypes(readFileSync(join(SRC, index), "utf8")).filter((type) => !taken.has(type));
  for (const type of types) taken.add(type);
  return `import { ${[...Object.keys(values), ...types.map((type) => `type ${type}`)].join(", ")} } from "${name}";`;
});

/**
 * A module whose default export runs one example: all public names, what its own file exports, and
 * the context are in scope, imported or not, and each `// value` at the end of a line is checked.
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
    ...example!.split("\n").filter((line) => !/^import .* from "nacre/.test(line)).map(checked),
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
export function publicTypes(index: string): string[] {
  return [...index.matchAll(/^export (type )?\{([^}]*)\} from/gm)].flatMap(([, all, names]) =>
    names!
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && (all !== undefined || name.startsWith("type ")))
      .map((name) => name.replace(/^type /, "")),
  );
}
