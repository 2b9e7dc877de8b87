import { writeFile } from "node:fs/promises";
import { arch, cpus, loadavg, platform } from "node:os";
import { join, resolve } from "node:path";
import { launch } from "./launch.js";
import { installNpmPeers, NPM_VERSIONS } from "./npmPeers.js";
import { type Options, readOptions, USAGE } from "./options.js";
import { launchOf, NPM_PACKAGES, type PeerName, PYTHON_MODULES } from "./peers.js";
import { pinning } from "./processors.js";
import { runQuick } from "./quick.js";
import { probePython, type PythonModules } from "./python.js";
import { jsonLines, type Outcome, outcomeOf } from "./result.js";
import { formatTable } from "./table.js";
import type { Job, Report, WorkloadSpec } from "./workload.js";
import { workloads } from "./workloads/index.js";

const THREADS = 2;
const BATCHES = 10;
const folder = resolve(import.meta.dirname, "..");

/** The peers that cannot be started here, with the reason. */
async function missingPeers(options: Options, modules: PythonModules): Promise<ReadonlyMap<PeerName, string>> {
  const missing = new Map<PeerName, string>();
  const npm = options.peers.filter((peer) => NPM_PACKAGES[peer] !== undefined);
  const failure = npm.length === 0 ? undefined : await installNpmPeers(join(folder, ".peers"));
  if (failure !== undefined) for (const peer of npm) missing.set(peer, failure);
  for (const peer of options.peers) {
    const lacking = PYTHON_MODULES[peer]?.filter((module) => !modules.has(module)) ?? [];
    if (lacking.length > 0) missing.set(peer, `not here: ${options.python} has no ${lacking.join(" and no ")}`);
  }
  return missing;
}

/** All peers on one workload, taking turns. */
async function runWorkload(
  spec: WorkloadSpec,
  options: Options,
  missing: ReadonlyMap<PeerName, string>,
  pin: readonly string[],
): Promise<Outcome[]> {
  const reports = new Map<PeerName, (Report | string)[]>(
    options.peers.map((peer) => [peer, missing.has(peer) ? [missing.get(peer)!] : []]),
  );
  for (let round = 1; round <= options.rounds; round++) {
    for (const [peer, done] of reports) {
      if (done.some((report) => !worthAnotherTurn(report, options.measuring.steps))) continue;
      console.error(`${spec.name}, round ${round}: ${peer}…`);
      const job: Job = { ...options.measuring, peer, workload: spec, threads: THREADS, batches: BATCHES, without: options.without };
      const { command, env } = launchOf(peer, folder, options.python);
      done.push(await launch({ command: [...pin, ...command], ...(env === undefined ? {} : { env }) }, job));
    }
  }
  return [...reports].map(([peer, list]) => outcomeOf(peer, spec, list));
}

/** Who failed or ran out of time will do so again. */
function worthAnotherTurn(report: Report | string, steps: number): boolean {
  return typeof report !== "string" && report.times_ms.length >= steps;
}

/** What the figures were measured with. */
function describeSetting(modules: PythonModules): string {
  const versions = [...Object.entries(NPM_VERSIONS), ...modules].map(([name, version]) => `${name} ${version}`);
  return [
    `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} processors, ${platform()} ${arch()}, Node ${process.version}`,
    versions.join(", "),
    `${THREADS} threads for everybody; load average at the start ${loadavg()[0]!.toFixed(1)}`,
  ].join("\n");
}

async function main(options: Options): Promise<void> {
  const modules = await probePython(options.python);
  const missing = await missingPeers(options, modules);
  const pin = pinning(THREADS);
  console.log(describeSetting(modules));
  const outcomes: Outcome[] = [];
  for (const { build: _build, ...spec } of workloads.filter(({ name }) => options.workloads.includes(name))) {
    const found = await runWorkload(spec, options, missing, pin);
    console.log(`\n${formatTable(spec, found)}`);
    outcomes.push(...found);
    if (options.json !== undefined) await writeFile(options.json, jsonLines(outcomes));
  }
}

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}
if (options.quick) process.exitCode = (await runQuick(options.store)) ? 0 : 1;
else await main(options);
