import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Docstring, SRC } from "./docstrings.js";

const GUIDES = join(SRC, "../docs/guides");

/** The blocks of ours in the guides, each of which stands alone like an example: what it does not make comes from their context. */
export function guideBlocks(): (Docstring & { readonly title: string })[] {
  return readdirSync(GUIDES)
    .sort()
    .flatMap((page) =>
      [...readFileSync(join(GUIDES, page), "utf8").matchAll(/```ts\n([^]*?)```/g)].map(([, example], i) => ({
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
