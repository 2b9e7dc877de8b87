import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./build.mjs";
import { emptyProject, nodeOf, projects, run, tool } from "./tools.mjs";

const MANAGERS = ["npm@10", "npm@11", "npm@12", "pnpm@latest"];
/** Recent package managers run on recent versions of Node only. */
const NODE = "24";

/** What becomes of the install scripts of Nacre's dependencies. */
const MODES = {
  denied: { scripts: false, env: {} },
  "run, download skipped": { scripts: true, env: { ONNXRUNTIME_NODE_INSTALL: "skip" } },
  // A proxy that nobody listens at: what a machine without a way out meets.
  "run, download fails": { scripts: true, env: { GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9" }, withoutLibrary: true },
};

const BUILT = ["koffi", "onnxruntime-node", "protobufjs"];

/** Installs the archive with each package manager in each mode, and trains. Yields a line each. */
export function* checkManagers(archive) {
  const node = nodeOf(NODE);
  if (node === undefined) return yield { name: "package managers", skipped: `Node ${NODE} cannot be had from the registry` };
  for (const manager of MANAGERS) {
    const found = tool(manager);
    for (const [mode, settings] of Object.entries(MODES)) {
      const name = `${manager}, install scripts ${mode}`;
      if (found === undefined) yield { name, skipped: "the registry does not give it" };
      else yield { name: `${manager.split("@")[0]} ${found.manifest.version}, install scripts ${mode}`, ...checkOne(archive, node, found, settings) };
    }
  }
}

function checkOne(archive, node, { folder, manifest }, { scripts, env, withoutLibrary = false }) {
  const project = join(projects, "managers");
  const pnpm = manifest.name === "pnpm";
  const allowed = Object.fromEntries(BUILT.map((name) => [name, scripts]));
  const lines = BUILT.map((name) => `  ${name}: ${scripts}\n`);
  emptyProject(project, pnpm ? {} : { allowScripts: allowed }, pnpm ? { "pnpm-workspace.yaml": `allowBuilds:\n${lines.join("")}` } : {});

  // What pnpm calls its bin is a stand-in until its own install script ran.
  const bin = join(folder, pnpm ? "bin/pnpm.mjs" : manifest.bin.npm);
  const old = !pnpm && Number.parseInt(manifest.version) < 12;
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const web = withoutLibrary ? [`onnxruntime-web@${peerDependencies["onnxruntime-web"]}`] : [];
  const command = [bin, pnpm ? "add" : "install", ...(old && !scripts ? ["--ignore-scripts"] : []), archive, ...web];
  const installed = run(node, command, project, env);
  if (installed.status !== 0) return { failed: installed.output };
  const trained = run(node, ["train.mjs"], project);
  if (trained.status !== 0) return { failed: trained.output };

  // Where the library could not be installed, the program says once that it runs as WebAssembly.
  const told = trained.output.split("as WebAssembly").length - 1;
  const library = existsSync(join(project, "node_modules", ...(pnpm ? [".pnpm", "node_modules"] : []), "onnxruntime-node"));
  if (told !== (library ? 0 : 1) || library === withoutLibrary) return { failed: `library ${library}, told ${told} times: ${trained.output}` };
  return { passed: `${trained.output.split("\n")[0]}${library ? "" : ", as WebAssembly"}` };
}
