import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { type InlineConfig, build } from "vite";
import { makeProject } from "../package/build.mjs";

/** All that Vite must be told: its own default for workers allows neither `import()` nor `await` at the top. */
const DEFAULTS: InlineConfig = { configFile: false, worker: { format: "es" } };

/**
 * Bundles a folder of pages as an application would be that has installed Nacre: in an empty
 * project with the package as it is published, and without aliases. Gives the built folder.
 */
export async function bundlePages(pages: string, project: string, config = DEFAULTS): Promise<string> {
  await makeProject(project);
  const [root, outDir] = [join(project, "pages"), join(project, "built")];
  cpSync(pages, root, { recursive: true, filter: (path) => basename(path) !== "dist" });
  await build({
    ...config,
    root,
    logLevel: "error",
    build: { outDir, minify: false, target: "es2023", reportCompressedSize: false },
  });
  return outDir;
}
