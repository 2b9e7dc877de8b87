import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

type Entry = string | { readonly node?: string; readonly default: string };
const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { readonly exports: Readonly<Record<string, Entry>> };

/** The source of each module that users import: tests need no build. */
const alias = Object.entries(manifest.exports).flatMap(([path, entry]) => {
  if (typeof entry === "string") return [];
  const source = (entry.node ?? entry.default).replace("./dist/", "./src/").replace(/js$/, "ts");
  return [{ find: new RegExp(`^nacre${path.slice(1)}$`), replacement: fileURLToPath(new URL(source, import.meta.url)) }];
});

export default defineConfig({
  resolve: { alias },
  test: { include: ["src/**/*.test.ts", "bench/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"], testTimeout: 60_000, maxWorkers: 2 },
});
