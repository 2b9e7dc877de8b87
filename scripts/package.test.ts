import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeProject, root } from "./package/build.mjs";
import { bundle } from "./package/bundle.mjs";

interface Manifest {
  readonly sideEffects: readonly string[];
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly imports: Readonly<Record<string, { readonly node: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, Partial<Manifest> & { readonly version?: string; readonly resolved?: string }>>;
}

const manifest = readJson<Manifest>(join(root, "package.json"));
const subpaths = Object.keys(manifest.exports).filter((path) => path !== "./package.json");
const names = subpaths.map((path) => `nacre${path.slice(1)}`);

/** The package as it is published, in an empty project inside `out`, where its dependencies are found. */
let project = "";
let installed = "";

beforeAll(async () => {
  mkdirSync(join(root, "out"), { recursive: true });
  project = mkdtempSync(join(root, "out", "package-test-"));
  installed = await makeProject(project);
}, 120_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("every subpath has code and types", () => {
  for (const path of subpaths) {
    const conditions = manifest.exports[path] as Readonly<Record<string, string>>;
    expect(Object.keys(conditions)[0]).toBe("types");
    for (const file of Object.values(conditions)) expect(existsSync(join(installed, file)), file).toBe(true);
  }
});

test("what Node has of its own has a file for browsers with the same exports", async () => {
  for (const { node, default: browser } of Object.values(manifest.imports)) {
    const [ours, theirs] = await Promise.all([node, browser].map(async (file) => Object.keys((await import(join(installed, file))) as object)));
    expect(theirs).toEqual(expect.arrayContaining(ours!));
  }
});

test("the archive holds code, types and licence alone", () => {
  const files = packedFiles();
  const other = files.filter((file) => !/^dist\/.*(?<!\.test)(\.js|\.d\.ts)$|^(package\.json|README\.md|LICENSE)$/.test(file));
  expect(other).toEqual([]);
  expect(files).toContain("LICENSE");
  for (const file of files.filter((name) => name.endsWith(".js"))) {
    expect(readFileSync(join(installed, file), "utf8")).not.toContain("sourceMappingURL");
  }
});

test.for(["nodenext", "bundler"])("types resolve and compile without anyone's settings: %s", (resolution) => {
  const lines = names.map((name, i) => `export * as part${i} from "${name}";`);
  const use = 'import { tensor } from "nacre";\nexport const sum: Promise<ArrayLike<unknown>> = tensor([1, 2]).add(1).sum().data();';
  const file = write(`types-${resolution}.ts`, `${lines.join("\n")}\n${use}\n`);
  const tsc = createRequire(import.meta.url).resolve("typescript/package.json");
  const bin = join(dirname(tsc), readJson<{ bin: { tsc: string } }>(tsc).bin.tsc);
  const options = ["--ignoreConfig", "--noEmit", "--strict", "--target", "es2022", "--lib", "es2023,dom,esnext.disposable", "--types", ""];
  const module = resolution === "bundler" ? "esnext" : "nodenext";
  const args = [bin, ...options, "--module", module, "--moduleResolution", resolution, file];
  const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  expect(stdout).toBe("");
});

// Files cost time, ONNX Runtime and koffi memory: neither is loaded before a program runs.
test.for([
  ["nacre", 15],
  ["nacre/data", 8],
  ["nacre/evaluate", 4],
] as const)("importing %s loads at most %i files, and no engine", ([name, most]) => {
  const loaded = loadedBy(write("import.mjs", `await import("${name}");\n`));
  expect(loaded.filter((file) => /onnxruntime|koffi/.test(file))).toEqual([]);
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.length, loaded.join("\n")).toBeLessThanOrEqual(most);
});

test("the core loads no other module that users import", () => {
  const loaded = loadedBy(write("core.mjs", 'await import("nacre");\n'));
  const others = subpaths.slice(1).map((path) => (manifest.exports[path] as Readonly<Record<string, string>>)["default"]!.slice("./".length));
  expect(others).toContain("dist/models/zoo/index.js");
  expect(loaded.filter((file) => others.some((other) => file.replaceAll("\\", "/").endsWith(other)))).toEqual([]);
});

test("importing takes at most a second, even on a busy machine", () => {
  const program = write("time.mjs", 'const t = performance.now(); await import("nacre"); console.log(performance.now() - t);\n');
  const times = Array.from({ length: 3 }, () => Number(execFileSync(process.execPath, [program], { encoding: "utf8" })));
  // The goal is 100 ms; `npm run check:package` measures it.
  expect(Math.min(...times)).toBeLessThan(1000);
});

test("CommonJS can require it", () => {
  const program = write("require.cjs", 'console.log(typeof require("nacre").sequential);\n');
  expect(execFileSync(process.execPath, ["--no-warnings", program], { encoding: "utf8" })).toBe("function\n");
});

test("for a browser the core is at most 100 kB gzipped, without ONNX Runtime", async () => {
  const { gzipBytes, outside, modules } = await bundle(write("all.mjs", 'export * from "nacre";\n'));
  const largest = modules.toSorted((a, b) => b.bytes - a.bytes).map(({ name, bytes }) => `${bytes} ${name}`);
  expect(outside).toEqual([]);
  expect(gzipBytes, largest.join("\n")).toBeLessThanOrEqual(100_000);
});

test("a bundle for browsers asks for nothing of Node's, now or later", async () => {
  const lines = names.map((name, i) => `export * as part${i} from "${name}";\n`);
  const { chunks } = await bundle(write("pages.mjs", lines.join("")));
  expect(chunks.filter(({ code }) => code.includes("getDirectory("))).toHaveLength(1);
  const asking = chunks.filter(({ code }) => /\b(?:import|from)\s*\(?\s*["'`](?:node:|#)/.test(code));
  expect(asking.map(({ fileName }) => fileName)).toEqual([]);
});

test("a bundler leaves out the rooms that a program does not use", async () => {
  const whole = await bundle(write("whole.mjs", 'export * from "nacre";\n'));
  const arrays = await bundle(write("arrays.mjs", 'import { tensor } from "nacre";\nconsole.log(String(tensor([1, 2])));\n'));
  const judge = await bundle(write("judge.mjs", 'export * from "nacre/evaluate";\n'));
  expect(arrays.bytes).toBeLessThan(whole.bytes / 2);
  expect(judge.modules.filter(({ name }) => /chunks.(core|model|data)/.test(name))).toEqual([]);
});

test("what a bundler keeps still works: methods, engine, the names that files hold, and layers that only files ask for", async () => {
  const saver = write(
    "saver.mjs",
    `import { importOnnx, layers, sequential } from "nacre";
    const model = await importOnnx(await sequential([layers.input([1]), layers.dense({ units: 3 })]).toOnnx());
    await model.save(process.argv[2]);\n`,
  );
  mkdirSync(join(project, "bundled"), { recursive: true });
  execFileSync(process.execPath, [saver, join(project, "bundled", "graph.nacre")]);
  const program = write(
    "bundled.mjs",
    `import { fromBytes, layers, load, sequential, tensor } from "nacre";
    console.log(...(await tensor([1, 2]).add(1).data()));
    const model = sequential([layers.input([1]), layers.dense({ units: 1 })]).compile({ optimizer: "sgd", loss: "meanSquaredError" });
    await model.fit({ x: [[1]], y: [[2]] }, { verbose: "silent" });
    console.log((await fromBytes(await model.toBytes())).layers.length);
    console.log((await load(new URL("graph.nacre", import.meta.url).pathname)).parameterCount);\n`,
  );
  const { chunks } = await bundle(program, "node");
  for (const { fileName, code } of chunks) write(join("bundled", fileName), code);
  const entry = join(project, "bundled", chunks[0]!.fileName);
  expect(execFileSync(process.execPath, [entry], { encoding: "utf8" })).toBe("2 3\n1\n6\n");
});

test("every entry that starts an engine is marked as having side effects", () => {
  const { types, ...entries } = manifest.exports["."] as Readonly<Record<string, string>>;
  expect(types).toBeDefined();
  expect(manifest.sideEffects.toSorted()).toEqual(Object.values(entries).toSorted());
});

test("the lock file is whole, agrees with package.json, and names no registry but the public one", () => {
  const { packages } = readJson<Lock>(join(root, "package-lock.json"));
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const) {
    expect(packages[""]![kind] ?? {}, kind).toEqual(manifest[kind] ?? {});
  }
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter((name) => !isLocked(packages, path, name)),
  );
  // Builds for other platforms that are missing here make npm 11 refuse the lock file.
  expect(missing).toEqual([]);
  for (const { resolved = "https://registry.npmjs.org/" } of Object.values(packages)) {
    expect(resolved).toMatch(/^https:\/\/registry\.npmjs\.org\//);
  }
});

/** Whether a package that `path` depends on is in the lock file, beside it or above it. */
function isLocked(packages: Lock["packages"], path: string, name: string): boolean {
  const above = path.split("/node_modules/").map((_, i, parts) => parts.slice(0, i + 1).join("/node_modules/"));
  return ["", ...above.map((folder) => `${folder}/`)].some((prefix) => `${prefix}node_modules/${name}` in packages);
}

/** The files that Node loads for a program, besides the program. */
function loadedBy(program: string): string[] {
  const folder = mkdtempSync(join(project, "coverage-"));
  execFileSync(process.execPath, [program], { env: { ...process.env, NODE_V8_COVERAGE: folder } });
  const urls = readdirSync(folder).flatMap((name) =>
    readJson<{ result: { url: string }[] }>(join(folder, name)).result.map(({ url }) => url),
  );
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  return files.filter((file) => file !== program).map((file) => relative(project, file));
}

function packedFiles(): string[] {
  const npm = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: installed,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const packed = JSON.parse(npm.stdout) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
  return Object.values(packed)[0]!.files.map(({ path }) => path);
}

function write(name: string, text: string): string {
  const file = join(project, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
