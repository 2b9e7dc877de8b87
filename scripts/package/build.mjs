import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Rooms that are loaded together become one file each, as far as the core loads them at once: what
 * it loads later stays out. Hundreds of small files would take a Node process three times as long
 * to import. Rooms of later groups may import those of earlier ones.
 */
const GROUPS = {
  base: ["error.ts", "options.ts", "registry.ts", "epsilon.ts"],
  core: ["tensor", "graph", "ops", "autodiff", "random"],
  data: ["data"],
  model: [
    "initializers", "activations", "regularizers", "constraints", "losses", "metrics", "optimizers", "schedules",
    "layers", "train", "models",
  ],
};

/** Makes the package's code and declarations in a folder, and leaves nothing older there. */
export async function build(folder = join(root, "dist")) {
  mkdirSync(dirname(folder), { recursive: true });
  // Readers of the folder never see it half made: files are moved in when all is ready.
  const staging = mkdtempSync(`${folder}-`) + ".tmp";
  renameSync(staging.slice(0, -".tmp".length), staging);
  try {
    declare(staging);
    await bundle(staging);
    replace(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function declare(folder) {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.tsc);
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", folder], { cwd: root, stdio: "inherit" });
}

async function bundle(folder) {
  const bundler = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries().map((name) => [name, `src/${name}.ts`])),
    platform: "neutral",
    plugins: [byPlatform()],
    external: (id) => id.startsWith("node:") || !/^[./]/.test(id),
    // The manifest's sideEffects speaks of the files made here, not of the sources.
    treeshake: { moduleSideEffects: () => true },
    // A module that is imported both now and later is simply there already.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await bundler.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
    comments: { legal: true, annotation: true, jsdoc: false },
    codeSplitting: {
      groups: Object.entries(GROUPS).map(([name, rooms], i, { length }) => ({
        name: (id, modules) => (rooms.includes(roomOf(id)) && loadedAtOnce(modules).has(id) ? name : null),
        debugName: name,
        priority: length - i,
      })),
    },
  });
  await bundler.close();
  for (const { fileName, code = "" } of output) checkUrls(folder, fileName, code);
}

function roomOf(id) {
  return relative(join(root, "src"), id).split(/[\\/]/)[0];
}

const reached = new WeakMap();

/** The modules that `import "nacre"` loads, in a bundle whose modules the bundler knows. */
function loadedAtOnce(modules) {
  let found = reached.get(modules);
  if (found === undefined) {
    found = new Set([join(root, "src", "index.ts")]);
    for (const id of found) for (const next of modules.getModuleInfo(id)?.importedIds ?? []) found.add(next);
    reached.set(modules, found);
  }
  return found;
}

/**
 * Code imports the file for Node; what is built asks for the name that `imports` of `package.json`
 * has for it, so that a bundler for browsers takes the other one.
 */
function byPlatform() {
  const names = new Map(Object.entries(manifest().imports).map(([name, { node }]) => [join(root, "src", `${sourceOf(node)}.ts`), name]));
  return {
    name: "by-platform",
    async resolveId(source, importer) {
      if (importer === undefined) return null;
      const name = names.get((await this.resolve(source, importer, { skipSelf: true }))?.id);
      return name === undefined ? null : { id: name, external: true };
    },
  };
}

/** Modules that `package.json` names, by their path in `src`: what users import, and the files of each platform. */
export function entries() {
  const { exports, imports, bin = {} } = manifest();
  const entries = [...Object.values(exports), ...Object.values(imports), ...Object.values(bin)];
  const files = entries.flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry))).filter((path) => path.endsWith(".js"));
  return [...new Set(files.map(sourceOf))];
}

function manifest() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** The path in `src` without its ending of a file in `dist`. */
function sourceOf(path) {
  return /^(?:\.\/)?dist\/(.*)\.js$/.exec(path)[1];
}

/** A file that code names relative to itself must lie beside the chunk that the code went to. */
function checkUrls(folder, file, code) {
  for (const [, target] of code.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)) {
    if (existsSync(join(folder, dirname(file), target))) continue;
    throw new Error(`${file} names ${target}, which is not there: make it an entry, and keep both out of the groups`);
  }
}

function replace(staging, folder) {
  const fresh = new Set(files(staging));
  for (const file of fresh) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    renameSync(join(staging, file), join(folder, file));
  }
  for (const file of files(folder)) if (!fresh.has(file)) rmSync(join(folder, file));
}

function files(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** An empty project that the package is installed in; gives the path of the package. */
export async function makeProject(folder) {
  const installed = join(folder, "node_modules", "nacre");
  mkdirSync(installed, { recursive: true });
  // Without a manifest of its own, `nacre` would mean the package around the folder.
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const file of ["package.json", "README.md", "LICENSE"]) cpSync(join(root, file), join(installed, file));
  await build(join(installed, "dist"));
  return installed;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await build();
