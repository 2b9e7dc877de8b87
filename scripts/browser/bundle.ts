import { join } from "node:path";
import { type Plugin, build } from "vite";

const ROOT = join(import.meta.dirname, "../..");

/** Layers, losses and so on register their names when they are loaded, so that unused ones must stay. */
export const keepUnused = (): Plugin => ({
  name: "keep-unused",
  transform: (_, id) => (id.startsWith(join(ROOT, "src")) ? { moduleSideEffects: true } : undefined),
});

/** What the names of the package mean in its own repository, without a build. */
export const sourceAliases = [
  { find: /^nacre$/, replacement: join(ROOT, "src/index.browser.ts") },
  { find: /^nacre\/data$/, replacement: join(ROOT, "src/data/index.ts") },
  // As the field "browser" of package.json has it.
  { find: /^.*\/files\/disk\.js$/, replacement: join(ROOT, "src/files/opfs.ts") },
];

/** Bundles the pages of this folder into `out`, as a web application that uses Nacre would be. */
export async function bundlePages(out: string): Promise<void> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: "error",
    resolve: { alias: sourceAliases },
    plugins: [keepUnused()],
    worker: { format: "es", plugins: () => [keepUnused()] },
    build: { outDir: out, emptyOutDir: true, minify: false, target: "es2023", reportCompressedSize: false },
  });
}
