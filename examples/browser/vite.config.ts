import { defineConfig } from "vite";

export default defineConfig({
  // The built page runs in any folder of any server.
  base: "./",
  worker: { format: "es" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2023" },
});
