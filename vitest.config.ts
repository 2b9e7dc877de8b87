import { defineConfig } from "vitest/config";
import { fileURLToPath } from "node:url";

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^nacre$/, replacement: source("index.node.ts") },
      { find: /^nacre\/(data|evaluate)$/, replacement: source("$1/index.ts") },
      { find: /^nacre\/zoo$/, replacement: source("models/zoo/index.ts") },
    ],
  },
  test: { include: ["src/**/*.test.ts", "bench/*.test.ts", "examples/**/*.test.ts", "scripts/**/*.test.ts"], testTimeout: 60_000, maxWorkers: 2 },
});
