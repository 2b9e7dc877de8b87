import { execFile } from "node:child_process";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** The npm packages of the peers, exact so that two runs measure the same. */
export const NPM_VERSIONS = {
  "@jax-js/jax": "0.1.25",
  "@tensorflow/tfjs-backend-cpu": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "@tensorflow/tfjs-core": "4.22.0",
  "@tensorflow/tfjs-layers": "4.22.0",
};

/** Installs the npm peers into a folder of their own, unless they are there; returns why that failed, if it did. */
export async function installNpmPeers(folder: string): Promise<string | undefined> {
  const manifest = `${JSON.stringify({ private: true, dependencies: NPM_VERSIONS }, undefined, 2)}\n`;
  const path = join(folder, "package.json");
  const installed = join(folder, "node_modules/.package-lock.json");
  try {
    if ((await readFile(path, "utf8")) === manifest) {
      await access(installed);
      return undefined;
    }
  } catch {
    // Not there yet.
  }
  console.error("Fetching the npm peers into bench/.peers, this once…");
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, manifest);
    const args = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
    await promisify(execFile)("npm", args, { cwd: folder, shell: process.platform === "win32" });
    return undefined;
  } catch (error) {
    return `npm install failed: ${(error as Error).message.trim().split("\n").at(-1)}`;
  }
}
