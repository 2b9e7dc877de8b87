import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * The rooms of src in the order in which they may build on each other: a room imports only rooms
 * above it, so there are no cycles between rooms. docs/architecture.md says what each is for.
 */
const ORDER = [
  ["error.ts", "epsilon.ts", "options.ts", "registry.ts"],
  ["tensor"],
  ["files"],
  ["graph"],
  ["random"],
  ["ops"],
  ["autodiff"],
  ["onnx"],
  ["lower"],
  ["engine"],
  ["initializers"],
  ["activations"],
  ["regularizers"],
  ["constraints"],
  ["losses"],
  ["metrics"],
  ["schedules"],
  ["optimizers"],
  ["layers"],
  ["data"],
  ["image"],
  ["audio"],
  ["text"],
  ["train"],
  ["models"],
  ["evaluate"],
  ["index.ts", "index.browser.ts", "index.node.ts"],
];

/** The only files that import from `node:`, or a runtime that needs Node, when they are loaded. */
const NODE_FILES = [
  "data/csv/file.node.ts",
  "engine/binding.ts",
  "engine/native.ts",
  "engine/nativeApi.ts",
  "engine/profiler.ts",
  "engine/threads.ts",
  "files/disk.ts",
  "models/interop/onnxExternal.node.ts",
];

const MAX_LINES = 400;

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether loading `from` also loads `to`: neither `import type` nor `import(…)`. */
  readonly loads: boolean;
}

const src = join(import.meta.dirname, "../src");
const all = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"))
  .sort();
const text = new Map(all.map((path) => [path, readFileSync(join(src, path), "utf8")]));
/** What is built: tests and their helpers may import anything. */
const files = all.filter((path) => !path.endsWith(".test.ts") && !path.startsWith("testing/"));
const imports = files.flatMap(importsOf);
const own = imports.filter(({ to }) => all.includes(to));
const foreign = imports.filter(({ to }) => !all.includes(to));

describe("architecture", () => {
  test("finds the imports that it judges", () => {
    expect(own).toContainEqual({ from: "ops/matrix/matmul.ts", to: "graph/op.ts", loads: true });
    expect(own).toContainEqual({ from: "models/described.ts", to: "files/disk.ts", loads: false });
    expect(foreign).toContainEqual({ from: "files/disk.ts", to: "node:fs/promises", loads: true });
  });

  test("every file lies in a room that has a place in the order", () => {
    const known = ORDER.flat();
    expect(files.filter((path) => !known.includes(roomOf(path)))).toEqual([]);
  });

  test("a room imports only rooms above it", () => {
    const place = (path: string): number => ORDER.findIndex((rooms) => rooms.includes(roomOf(path)));
    const wrong = own.filter(({ from, to }) => roomOf(from) !== roomOf(to) && place(to) > place(from));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test("every relative import leads to a file", () => {
    expect(foreign.filter(({ to }) => /^[./]|\.ts$/.test(to))).toEqual([]);
  });

  test("only the engine knows ONNX Runtime and koffi", () => {
    const wrong = foreign.filter(({ from, to }) => /^(onnxruntime|koffi)/.test(to) && roomOf(from) !== "engine");
    expect(wrong).toEqual([]);
  });

  test("only listed files import from node:", () => {
    expect(foreign.filter(({ from, to }) => to.startsWith("node:") && !NODE_FILES.includes(from))).toEqual([]);
  });

  test("files for Node are loaded only when they are needed", () => {
    const reaching = new Set(NODE_FILES);
    for (let before = -1; before !== reaching.size; ) {
      before = reaching.size;
      for (const { from, to, loads } of own) if (loads && reaching.has(to)) reaching.add(from);
    }
    const core = [...reaching].filter((path) => !NODE_FILES.includes(path) && roomOf(path) !== "engine");
    expect(core).toEqual([]);
  });

  test("the reverse walk names no op but add", () => {
    const fromOps = own.filter(({ from, to }) => from === "autodiff/gradients.ts" && roomOf(to) === "ops");
    expect(fromOps.map(({ to }) => to)).toEqual(["ops/elementwise/binary.ts"]);
    expect(text.get("autodiff/gradients.ts")).toContain('import { add } from "../ops/elementwise/binary.js";');
  });

  test("the graph knows no op", () => {
    expect(own.filter(({ from, to }) => roomOf(from) === "graph" && roomOf(to) === "ops")).toEqual([]);
  });

  test(`no file is longer than ${MAX_LINES} lines`, () => {
    const long = all.map((path) => ({ path, lines: text.get(path)!.split("\n").length - 1 }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  test("no file is called utils", () => {
    expect(all.filter((path) => /(^|\/)(utils?|helpers?)\.ts$/.test(path))).toEqual([]);
  });

  // The linter refuses `any`; here nobody switches it off.
  test("types are neither any nor silenced", () => {
    const lint = JSON.parse(readFileSync(join(src, "../.oxlintrc.json"), "utf8")) as { rules: Record<string, string> };
    expect(lint.rules["typescript/no-explicit-any"]).toBe("error");
    expect(files.filter((path) => /@ts-(ignore|nocheck|expect-error)|lint-disable(?!-next-line [a-z])|disable.*no-explicit-any/.test(text.get(path)!))).toEqual([]);
  });
});

/** The folder under src, or the file where it lies in src itself. */
function roomOf(path: string): string {
  return path.split("/")[0]!;
}

function importsOf(from: string): Import[] {
  // Import and export statements start a line; docstrings and strings do not.
  const statements = [...text.get(from)!.matchAll(/^(?:import|export)\s+(type\s)?(?:[^"'`;]*?\sfrom\s+)?"([^"]+)";/gm)];
  const lazy = [...text.get(from)!.matchAll(/\bimport\("([^"]+)"\)/g)];
  const targets = [
    ...statements.map(([, type, to]) => ({ to: to!, loads: type === undefined })),
    ...lazy.map(([, to]) => ({ to: to!, loads: false })),
  ];
  return targets.map(({ to, loads }) => ({ from, to: to.startsWith(".") ? resolved(from, to) : to, loads }));
}

function resolved(from: string, to: string): string {
  return posix.join(posix.dirname(from), to).replace(/\.js$/, ".ts");
}
