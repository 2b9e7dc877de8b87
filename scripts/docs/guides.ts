import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Docstring, SRC } from "./docstrings.js";

const DOCS = join(SRC, "../docs");

/** The blocks of ours in the pages of docs, each of which stands alone like an example: what it does not make comes from their context. */
export function guideBlocks(): (Docstring & { readonly title: string })[] {
  return readdirSync(DOCS, { recursive: true, encoding: "utf8" })
    .filter((page) => page.endsWith(".md") && !page.startsWith("reference"))
    .sort()
    .flatMap((page) =>
      [...readFileSync(join(DOCS, page), "utf8").matchAll(/```ts\n([^]*?)```/g)].map(([, example], i) => ({
        title: `${page} block ${i + 1}`,
        file: "index.ts",
        symbol: "",
        exported: false,
        description: "",
        tags: [],
        example: example!.trim(),
      })),
    );
}
