import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeProject, root } from "./build.mjs";

/** Where the slow checks keep the archive and their tools; all of it may be deleted. */
export const work = join(root, "out", "package");

/** Where they install it: far from this repository, whose dependencies would be found from inside. */
export const projects = mkdtempSync(join(tmpdir(), "nacre-"));
process.once("exit", () => rmSync(projects, { recursive: true, force: true }));

/** The package as it would be published: the path of its archive. */
export async function pack() {
  const installed = await makeProject(join(work, "packed"));
  const name = npm(["pack", "--silent", "--ignore-scripts", "--pack-destination", work], installed).trim();
  return join(work, name);
}

/** A package from the registry in a folder of its own; undefined where the registry does not give it. */
export function tool(spec) {
  const folder = join(work, "tools", spec.replaceAll(/[^a-z0-9.]/g, "_"));
  const name = spec.slice(0, spec.lastIndexOf("@"));
  const found = join(folder, "node_modules", ...name.split("/"));
  if (!existsSync(join(found, "package.json"))) {
    emptyProject(folder);
    try {
      npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", spec], folder);
    } catch {
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    }
  }
  return { folder: found, manifest: JSON.parse(readFileSync(join(found, "package.json"), "utf8")) };
}

/** The program of another version of Node, from the package that carries it; undefined where there is none. */
export function nodeOf(version) {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const found = tool(`node-${platform}-${process.arch}@${version}`);
  if (found === undefined) return undefined;
  return join(found.folder, "bin", process.platform === "win32" ? "node.exe" : "node");
}

/** An empty folder for a project; `manifest` adds to its package.json. */
export function emptyProject(folder, manifest = {}, files = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const all = { "package.json": JSON.stringify({ private: true, type: "module", ...manifest }), ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  for (const name of readdirSync(consumer)) writeFileSync(join(folder, name), readFileSync(join(consumer, name)));
}

const consumer = join(root, "scripts", "package", "consumer");

/** Runs a program with a chosen Node first in its path; `output` is stdout and stderr. */
export function run(node, args, cwd, env = {}) {
  const PATH = `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync(node, args, { cwd, encoding: "utf8", env: { ...plainEnvironment(), PATH, ...env } });
  return { status, output: `${stdout}${stderr}`.trim() };
}

/** What the person or program that runs the checks set for npm is not what a user has. */
function plainEnvironment() {
  const userconfig = join(work, "empty.npmrc");
  writeFileSync(userconfig, "");
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_|^ONNXRUNTIME_/i.test(name));
  return { ...Object.fromEntries(kept), npm_config_userconfig: userconfig };
}

function npm(args, cwd) {
  mkdirSync(work, { recursive: true });
  return execFileSync("npm", args, { cwd, encoding: "utf8", env: plainEnvironment(), shell: process.platform === "win32", stdio: ["ignore", "pipe", "pipe"] });
}
