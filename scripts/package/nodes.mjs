import { join } from "node:path";
import { emptyProject, nodeOf, projects, run, tool } from "./tools.mjs";

/** The oldest version of Node that is supported, and the newest of each line. */
const VERSIONS = ["20.19.0", "20", "22", "24"];

/** Trains, saves and loads with each version of Node. Yields a line each. */
export function* checkNodes(archive) {
  const project = join(projects, "nodes");
  emptyProject(project);
  const npm = tool("npm@11");
  if (npm === undefined) return yield { name: "Node versions", skipped: "the registry does not give npm" };
  const installed = run(process.execPath, [join(npm.folder, npm.manifest.bin.npm), "install", "--ignore-scripts", archive], project);
  if (installed.status !== 0) return yield { name: "Node versions", failed: installed.output };
  for (const version of VERSIONS) {
    const node = nodeOf(version);
    const name = `Node ${version}`;
    if (node === undefined) yield { name, skipped: "the registry does not give it" };
    else {
      const outcomes = ["train.mjs", "smoke.mjs"].map((program) => run(node, [program], project));
      const failed = outcomes.find(({ status }) => status !== 0);
      yield failed === undefined ? { name, passed: outcomes.map(({ output }) => output).join("; ") } : { name, failed: failed.output };
    }
  }
}
