import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "../src/ops/methods.js";
import { Tensor } from "../src/tensor/tensor.js";

const ROOT = join(import.meta.dirname, "..");
const OPS = join(ROOT, "src/ops");

/** What a declaration file says of one export. */
interface Declaration {
  readonly name: string;
  /** What follows the name, or for an interface the whole text. */
  readonly type: string;
  readonly isInterface: boolean;
  readonly description: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** docs/reference/ops.md: every op with signature, shapes and gradient, from the types and docstrings of src/ops. */
export async function opsReference(): Promise<string> {
  const families = readdirSync(OPS, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const folder = declarationFiles();
  try {
    const sections = await Promise.all(families.sort().map((family) => section(family, join(folder, "ops", family))));
    return `${HEAD}\n${sections.join("\n")}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const HEAD = `# Ops

Written by \`npx vitest run scripts/reference -u\` from the docstrings of \`src/ops\`; a test fails when it is stale.

All of these are functions of \`ops\`; those marked "method" are also methods of \`Tensor\`, whose first operand is the
tensor itself. A \`TensorLike\` is a tensor, a number, a typed array or nested arrays of numbers. Shapes name axes by
letters, \`...\` stands for any number of them. Gradient: "own" says that the op has a rule, "composed" that it is made
of ops and has the gradient that those have, "none" that no gradient passes.
`;

/** The declarations of src/ops, as the compiler writes them, in a temporary folder. */
function declarationFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), "nacre-reference-"));
  const options = { noEmit: false, emitDeclarationOnly: true, rootDir: join(ROOT, "src"), outDir: folder, typeRoots: [join(ROOT, "node_modules/@types")] };
  const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions: options, include: [OPS], exclude: [join(OPS, "**/*.test.ts")] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]);
  return folder;
}

async function section(family: string, folder: string): Promise<string> {
  const exports = (await import(join(OPS, family, "index.ts"))) as Readonly<Record<string, unknown>>;
  const declarations = readdirSync(folder).flatMap((file) => declarationsOf(readFileSync(join(folder, file), "utf8")));
  const ops = declarations.filter(({ name }) => typeof exports[name] === "function").sort(byName);
  const texts = ops.map((op) => entry(op, exports[op.name]));
  const named = declarations.filter(({ name, isInterface }) => isInterface && ops.some(({ type }) => new RegExp(`\\b${name}\\b`).test(type)));
  const options = [...new Map(named.map((declaration) => [declaration.name, declaration])).values()].sort(byName);
  const block = options.length === 0 ? "" : `### Options of ${family}\n\n\`\`\`ts\n${options.map(({ type }) => type).join("\n\n")}\n\`\`\`\n`;
  return `## ${family}\n\n${texts.join("\n")}\n${block}`;
}

function byName(a: Declaration, b: Declaration): number {
  return a.name < b.name ? -1 : 1;
}

function entry({ name, type, description, tags }: Declaration, op: unknown): string {
  const grad = (op as { grad?: unknown }).grad;
  const facts = [
    tags.has("shape") ? `shape ${code(tags.get("shape")!)}` : undefined,
    `gradient ${grad === undefined ? "composed" : grad === "none" ? "none" : "own"}`,
    Object.hasOwn(Tensor.prototype, name) ? "method" : undefined,
    tags.has("throws") ? `throws ${tags.get("throws")!}` : undefined,
    tags.get("source"),
  ].filter((fact) => fact !== undefined);
  return `### ${name}\n\n\`\`\`ts\n${name}${signature(type)}\n\`\`\`\n\n${description}\n\n${facts.join(" · ")}\n`;
}

/** A type such as `OpOf<(x: T) => R>` or `(x: T): R` as the latter. */
function signature(type: string): string {
  const op = /^: OpOf<(.*)>$/s.exec(type);
  if (op === null) return type;
  let depth = 0;
  const end = op[1]!.split("").findIndex((char) => {
    if (char === "(") depth++;
    return char === ")" && --depth === 0;
  });
  return `${op[1]!.slice(0, end + 1)}: ${op[1]!.slice(end + 1).replace(/^\s*=>\s*/, "")}`;
}

const DECLARATION = /\/\*\*((?:(?!\*\/)[^])*)\*\/\n(export (?:declare )?(const|function|interface) (\w+)[^]*?(?:;|\n\}))\n(?=\/\*\*|export|import|declare|$)/g;

function declarationsOf(text: string): Declaration[] {
  return [...text.matchAll(DECLARATION)].map(([, comment, whole, kind, name]) => {
    const plain = whole!.replaceAll(/import\("[^"]*"\)\./g, "");
    const type = plain.slice(plain.indexOf(name!) + name!.length).replace(/;$/, "");
    return { name: name!, isInterface: kind === "interface", type: kind === "interface" ? plain : type, ...parseComment(comment!) };
  });
}

function parseComment(comment: string): Pick<Declaration, "description" | "tags"> {
  const prose = comment.replaceAll(/^[ \t]*\* ?/gm, "").replaceAll(/\{@link (\w+)\}/g, "`$1`").trim();
  const [description, ...rest] = prose.split(/(?:^|\s)@(?=\w)/);
  const tags = new Map<string, string>();
  for (const text of rest) {
    const [, tag, value] = /^(\w+)\s*([^]*)$/.exec(text)!;
    const line = value!.trim().replaceAll(/\s+/g, " ");
    tags.set(tag!, tags.has(tag!) ? `${tags.get(tag!)!}, ${line}` : line);
  }
  return { description: description!.trim(), tags };
}

/** The part of a shape rule that is one, as code; what follows in words stays words. */
function code(shape: string): string {
  const words = /^(.*?)( (?:for|without|with|bool)\b.*)$/.exec(shape);
  return words === null ? `\`${shape}\`` : `\`${words[1]}\`${words[2]}`;
}
