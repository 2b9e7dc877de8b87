import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./build.mjs";
import { bundle } from "./bundle.mjs";
import { run, tool, work } from "./tools.mjs";

const RUNS = 7;
const IMPORT_LIMIT_MS = 100;

/** How large the package is, how long it takes to import, and whether its types resolve. */
export async function* checkMeasures(archive) {
  const project = join(work, "packed");
  yield { name: "archive", passed: `${kilobytes(statSync(archive).size)} packed` };

  const file = join(project, "all.mjs");
  writeFileSync(file, 'export * from "nacre";\n');
  const { gzipBytes, modules } = await bundle(file);
  const largest = modules.toSorted((a, b) => b.bytes - a.bytes).slice(0, 6);
  yield {
    name: "core in a browser, without ONNX Runtime",
    passed: `${kilobytes(gzipBytes)} gzipped; before minification ${largest.map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`).join(", ")}`,
  };

  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const path of Object.keys(exports).filter((each) => each !== "./package.json")) {
    const name = `nacre${path.slice(1)}`;
    const [ours, nothing] = [importTimes(name, project), importTimes("node:fs", project)];
    const text = `${ours.median.toFixed(0)} ms, fastest ${ours.fastest.toFixed(0)} ms; ${(ours.median / nothing.median).toFixed(0)} times node:fs`;
    // Other processes make the median no property of the package: the fastest run decides.
    yield { name: `import "${name}"`, ...(ours.fastest < IMPORT_LIMIT_MS ? { passed: text } : { failed: `${text}; the limit is ${IMPORT_LIMIT_MS} ms` }) };
  }
  yield { name: "types, as @arethetypeswrong/cli sees them", ...attw(archive) };
}

/** Over fresh processes. */
function importTimes(name, cwd) {
  const program = `const t = performance.now(); await import("${name}"); console.log(performance.now() - t)`;
  const times = Array.from({ length: RUNS }, () => Number(spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd, encoding: "utf8" }).stdout));
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[RUNS >> 1], fastest: sorted[0] };
}

function attw(archive) {
  const found = tool("@arethetypeswrong/cli@latest");
  if (found === undefined) return { skipped: "the registry does not give it" };
  const bin = join(found.folder, found.manifest.bin.attw);
  const { status, output } = run(process.execPath, [bin, archive, "--profile", "esm-only", "--format", "ascii", "--no-emoji"], work);
  return status === 0 ? { passed: "no problems" } : { failed: output };
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
