import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium, startChromium } from "../browser/chromium.mjs";
import { root } from "./build.mjs";
import { emptyProject, projects, run, tool } from "./tools.mjs";

/** What only Node has and ONNX Runtime's own file asks for behind a condition. */
const FOR_NODE = ["module", "worker_threads"];

const HTML = '<!doctype html><script type="module" src="./page.mjs"></script>';

const WEBPACK = `export default {
  mode: "production",
  entry: "./page.mjs",
  output: { path: import.meta.dirname + "/built", filename: "page.mjs" },
  resolve: { fallback: { ${FOR_NODE.map((name) => `${name}: false`).join(", ")} } },
  module: { parser: { javascript: { worker: false } } },
};
`;

const BUNDLERS = [
  { packages: ["vite@latest"], args: ["vite/bin/vite.js", "build", "--outDir", "built"] },
  {
    packages: ["esbuild@latest"],
    args: ["esbuild/bin/esbuild", "page.mjs", "--bundle", "--splitting", "--format=esm", "--outdir=built", "--out-extension:.js=.mjs", ...FOR_NODE.map((name) => `--external:${name}`)],
    copied: "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
  },
  { packages: ["webpack@latest", "webpack-cli@latest"], args: ["webpack/bin/webpack.js"], files: { "webpack.config.mjs": WEBPACK } },
];

/** Bundles a page from the archive with each bundler, without aliases, and opens it in Chromium. Yields a line each. */
export async function* checkBundlers(archive) {
  const chromium = findChromium();
  const npm = tool("npm@11");
  const missing = chromium === undefined ? "no Chromium on this machine" : npm === undefined ? "the registry does not give npm" : undefined;
  if (missing !== undefined) return yield { name: "bundlers", skipped: missing };
  const browser = await startChromium(chromium);
  try {
    for (const bundler of BUNDLERS) yield await checkOne(archive, [join(npm.folder, npm.manifest.bin.npm), "install", "--ignore-scripts"], bundler, browser);
  } finally {
    await browser.close();
  }
}

async function checkOne(archive, install, { packages, args: [program, ...args], copied, files = {} }, browser) {
  const project = join(projects, "bundlers");
  emptyProject(project, {}, { "index.html": HTML, ...files });
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const modules = join(project, "node_modules");
  const installed = run(process.execPath, [...install, archive, `onnxruntime-web@${peerDependencies["onnxruntime-web"]}`, ...packages], project);
  if (installed.status !== 0) return { name: packages[0], skipped: installed.output };
  const name = packages.map((each) => versionOf(modules, each)).join(", ");
  const built = run(process.execPath, [join(modules, program), ...args], project);
  if (built.status !== 0) return { name, failed: built.output };

  const folder = join(project, "built");
  if (copied !== undefined) copyFileSync(join(modules, copied), join(folder, copied.split("/").at(-1)));
  if (!existsSync(join(folder, "index.html"))) writeFileSync(join(folder, "index.html"), HTML);
  const { predictions, refused } = await open(folder, browser);
  const [first, ...others] = predictions.map((values) => JSON.stringify(values));
  if (others.length !== 2 || others.some((each) => each !== first) || refused !== "FILE_ACCESS") {
    return { name, failed: `${predictions.join(" | ")}, ${refused}` };
  }
  return { name, passed: `trained, saved and opened again in a page of ${readdirSync(folder, { recursive: true }).length} files` };
}

function versionOf(modules, spec) {
  const name = spec.slice(0, spec.lastIndexOf("@"));
  return `${name} ${JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version}`;
}

/** What the page in a folder came to. */
async function open(folder, browser) {
  const page = await browser.newPage();
  try {
    await page.route("**/*", (route) => {
      const path = join(folder, new URL(route.request().url()).pathname);
      return existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 });
    });
    await page.goto("http://localhost/index.html");
    await page.waitForFunction(() => "outcome" in globalThis);
    return await page.evaluate(() => globalThis.outcome);
  } catch (error) {
    return { predictions: [], refused: String(error) };
  } finally {
    await page.close();
  }
}
