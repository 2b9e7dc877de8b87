import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SRC } from "./docstrings.js";

/** What a declaration file says of one export. */
export interface Declaration {
  /** Path under src, without its ending. */
  readonly file: string;
  readonly name: string;
  readonly kind: "class" | "const" | "function" | "interface" | "type";
  /** What follows the name, or for an interface and a class the whole text. */
  readonly type: string;
  readonly description: string;
  readonly tags: ReadonlyMap<string, string>;
}

let found: readonly Declaration[] | undefined;

/** The exports of src that have a docstring, as the compiler declares them. */
export function declarations(): readonly Declaration[] {
  found ??= declare();
  return found;
}

function declare(): Declaration[] {
  const folder = mkdtempSync(join(tmpdir(), "nacre-reference-"));
  const root = join(SRC, "..");
  const options = { noEmit: false, noCheck: true, emitDeclarationOnly: true, rootDir: SRC, outDir: join(folder, "src"), typeRoots: [join(root, "node_modules/@types")] };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions: options, include: [SRC], exclude: [join(SRC, "**/*.test.ts"), join(SRC, "testing")] };
  try {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);
    const files = readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".d.ts"));
    return files.sort().flatMap((file) => declarationsOf(file.replaceAll("\\", "/").slice(0, -".d.ts".length), readFileSync(join(folder, "src", file), "utf8")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const DECLARATION =
  /\/\*\*((?:(?!\*\/)[^])*)\*\/\n(export (?:declare )?(?:abstract )?(class|const|function|interface|type) (\w+)[^]*?(?:;|\}))\n(?=\/\*\*|export|import|declare|$)/g;

function declarationsOf(file: string, text: string): Declaration[] {
  return [...text.matchAll(DECLARATION)].map(([, comment, whole, kind, name]) => {
    const plain = whole!.replaceAll(/import\("[^"]*"\)\./g, "");
    const isWhole = kind === "interface" || kind === "class";
    const type = isWhole ? plain : plain.slice(plain.indexOf(name!) + name!.length).replace(/;$/, "");
    return { file, name: name!, kind: kind as Declaration["kind"], type, ...parseComment(comment!) };
  });
}

/** A comment's text before its tags, and the tags with what they say. */
export function parseComment(comment: string): Pick<Declaration, "description" | "tags"> {
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

/** The members of a class or an interface that have no docstring; `toString` needs none. */
export function undocumented({ type }: Declaration): string[] {
  const body = type.slice(type.indexOf("{\n"));
  const members = body.matchAll(/^ {4}(?![/*#}\]]|private|constructor|set |toString)(?:(?:static|get|readonly|async|override) )*([\w$]+)\??[:(<]/gm);
  return [...members].flatMap(({ 1: name, index }) => (body.slice(0, index).trimEnd().endsWith("*/") ? [] : [name!]));
}

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** The interfaces among `known` that these declarations, or such interfaces, name; each once, by name. */
export function interfacesIn(those: readonly Declaration[], known: readonly Declaration[]): Declaration[] {
  const named = new Map<string, Declaration>();
  const add = (declaration: Declaration): void => {
    for (const [word] of declaration.type.replaceAll(/\/\*\*[^]*?\*\//g, "").matchAll(/\b[A-Z]\w+\b/g)) {
      const other = known.find(({ kind, name }) => kind === "interface" && name === word);
      if (other === undefined || named.has(word) || other === declaration) continue;
      named.set(word, other);
      add(other);
    }
  };
  those.forEach(add);
  return [...named.values()].sort(byName);
}

/** A type such as `: OpOf<(x: T) => R>`, `: (x: T) => R` or `(x: T): R` as the last. */
export function signature(type: string): string {
  const op = /^: (?:OpOf<(.*)>|(\(.*))$/s.exec(type);
  if (op === null) return type;
  const call = (op[1] ?? op[2])!.replaceAll("Partial<{}> & ", "").replaceAll(/\?: \(([^()|]*)\) \| undefined/g, "?: $1");
  let depth = 0;
  const end = call.split("").findIndex((char) => {
    if (char === "(") depth++;
    return char === ")" && --depth === 0;
  });
  const result = /^\s*=>\s*([^]*)$/.exec(call.slice(end + 1));
  return result === null ? type : `${call.slice(0, end + 1)}: ${result[1]}`;
}
