import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A doc comment of src, and what it stands before. */
export interface Docstring {
  /** Path under src. */
  readonly file: string;
  /** The name of what follows: an export, a method or a field. */
  readonly symbol: string;
  readonly exported: boolean;
  /** The text before the first tag. */
  readonly description: string;
  /** Names of tags, such as `shape`. */
  readonly tags: readonly string[];
  /** The code of `@example`. */
  readonly example: string | undefined;
}

export const SRC = join(import.meta.dirname, "../../src");

/** All doc comments of src before named things; tests and their helpers are left out. */
export function readDocstrings(): Docstring[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("testing/"))
    .sort()
    .flatMap((file) => docstringsOf(file, readFileSync(join(SRC, file), "utf8")));
}

const DOCSTRING = /^[ \t]*\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:\/\/.*\s*)*(.*)$/gm;
const DECLARATION =
  /^(export )?(?:default |declare |abstract |async |override |static |readonly |get |set )*(?:function\*? |class |const |let |interface |type )?\*?([\w$#]+)/;

function docstringsOf(file: string, text: string): Docstring[] {
  return [...text.matchAll(DOCSTRING)].flatMap(([, comment, next]) => {
    const declaration = DECLARATION.exec(next!);
    if (declaration === null) return [];
    const lines = comment!.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
    const prose = lines.join("\n").trim();
    const tags = [...prose.matchAll(/(?:^|\s)@(\w+)/g)].map(([, tag]) => tag!);
    const description = prose.split(/(?:^|\s)@\w+/)[0]!.trim();
    return [{ file, symbol: declaration[2]!, exported: declaration[1] !== undefined, description, tags, example: exampleOf(lines) }];
  });
}

/** The lines between `@example` and the next tag. */
function exampleOf(lines: readonly string[]): string | undefined {
  const start = lines.indexOf("@example");
  if (start < 0) return undefined;
  const end = lines.findIndex((line, i) => i > start && line.startsWith("@"));
  return lines.slice(start + 1, end < 0 ? undefined : end).join("\n").trim();
}
