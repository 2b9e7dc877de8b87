import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue, PACKAGES, type Public, REGISTRY } from "./docs/catalogue.js";
import { byName, type Declaration, declarations, interfacesIn, parseComment, signature } from "./docs/declarations.js";
import { SRC } from "./docs/docstrings.js";
import { publicTypes } from "./docs/modules.js";

/** The pages of docs/reference/api by their files' names: every public name but the ops, which have a page of their own. */
export async function apiReference(): Promise<Readonly<Record<string, string>>> {
  const homes = [...new Set(catalogue.map(({ home }) => home))].filter((home) => home !== "ops").sort();
  const pages = await Promise.all(homes.map(async (home) => [`${home.replace("/", "-")}.md`, await page(home)] as const));
  return { ...Object.fromEntries(pages), "README.md": index(homes) };
}

const HEAD =
  "Written by `npx vitest run scripts/reference -u` from types and docstrings; a test fails when it is stale. Editors show the same, with examples, which all run in the tests.";

function index(homes: readonly string[]): string {
  const rows = homes.map((home) => {
    const names = catalogue.filter((entry) => entry.home === home && !REGISTRY.includes(entry.name)).map(({ name }) => `\`${name}\``);
    return `| [${home}](${home.replace("/", "-")}.md) | ${names.join(", ")} |\n`;
  });
  return `# All public names\n\n${HEAD}\nNames without a slash are namespaces of \`nacre\`. The ops are in [ops.md](../ops.md), names beside Keras's in [keras.md](../keras.md).\n\n| page | names |\n|---|---|\n${rows.join("")}`;
}

async function page(home: string): Promise<string> {
  const own = catalogue.filter((entry) => entry.home === home);
  const found = await Promise.all(own.filter(({ name }) => !REGISTRY.includes(name)).map(declarationOf));
  const known = declarations().filter(({ file }) => own.some(({ room }) => file.startsWith(room)));
  const registry = own.filter(({ name }) => REGISTRY.includes(name)).map(({ name }) => `\`${name}\``);
  const about = registry.length === 0 ? "" : `\nFor files and names beside these: ${registry.join(", ")}.\n`;
  const named = PACKAGES.find(({ name }) => name === home);
  const types = named === undefined ? [] : publicTypes(readFileSync(join(SRC, named.index), "utf8"));
  const results = known.filter(({ name, kind }) => kind === "class" && types.includes(name));
  const entries = [...found, ...results].sort(byName).map((declaration) => (declaration.kind === "class" ? classText(declaration) : line(declaration)));
  const exported = known.filter(({ name, kind }) => (kind === "interface" || kind === "type") && types.includes(name));
  // Of the whole project only what is exported; of a room also what its options are made of.
  const parts = home === "nacre" ? [] : interfacesIn(found.filter(({ kind }) => kind !== "class"), known);
  const shown = new Map([...parts, ...exported].map((one) => [one.name, one]));
  const block = shown.size === 0 ? "" : `\n## Options and types\n\n\`\`\`ts\n${[...shown.values()].sort(byName).map(typeText).join("\n\n")}\n\`\`\`\n`;
  const title = home === "nacre" ? "`nacre`" : home.includes("/") ? `\`${home}\`` : `\`${home}\` of \`nacre\``;
  return `# ${title}\n\n${HEAD}\n${about}\n${entries.join("\n")}\n${block}`;
}

/** What the compiler says of a public name: of several that are called so, the one with this very value. */
async function declarationOf({ name, value, room }: Public): Promise<Declaration> {
  const candidates = declarations().filter((one) => one.name === name && one.file.startsWith(room) && one.kind !== "interface" && one.kind !== "type");
  for (const candidate of candidates) {
    const module = (await import(join(SRC, `${candidate.file}.ts`))) as Readonly<Record<string, unknown>>;
    if (module[name] === value) return candidate;
  }
  throw new Error(`no declaration of ${name} in ${room}`);
}

function line({ name, type, description, tags }: Pick<Declaration, "name" | "type" | "description" | "tags">): string {
  const throws = tags.get("throws");
  return `- \`${name}${signature(type).replaceAll(/\s+/g, " ")}\`: ${sentence(description)}${throws === undefined ? "" : ` Throws ${throws}.`}`;
}

function sentence(description: string): string {
  return /^[^]*?[.](?=\s+[A-Z`]|$)/.exec(description.replaceAll(/\s+/g, " "))?.[0] ?? description;
}

const MEMBER = /^ {4}\/\*\*((?:(?!\*\/)[^])*)\*\/\n {4}(?!private|#|constructor|set )((?:static |get |readonly |async |override )*)([\w$]+)([^]*?);\n(?= {4}[^\s}]|\})/gm;

function classText(declaration: Declaration): string {
  return `\n## ${declaration.name}\n\n${sentence(declaration.description)}\n\n${membersOf(declaration).join("\n")}\n`;
}

/** Its own members, and those of a class that it extends and that is not public itself. */
function membersOf({ name, type }: Declaration): string[] {
  const own = [...type.matchAll(MEMBER)].map(([, comment, words, member, rest]) =>
    line({ name: member!, type: words!.includes("get ") ? rest!.replace("()", "") : rest!, ...parseComment(comment!) }),
  );
  const parent = new RegExp(`class ${name}\\b[^{]* extends (\\w+)`).exec(type)?.[1];
  if (parent === undefined || catalogue.some((entry) => entry.name === parent)) return own;
  return [...own, ...declarations().flatMap((one) => (one.kind === "class" && one.name === parent ? membersOf(one) : []))];
}

function typeText({ name, kind, type }: Declaration): string {
  return kind === "interface" ? type.replace(/^export (declare )?/, "") : `type ${name}${type};`;
}
