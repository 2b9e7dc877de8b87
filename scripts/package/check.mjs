import { checkBundlers } from "./bundlers.mjs";
import { checkManagers } from "./managers.mjs";
import { checkMeasures } from "./measures.mjs";
import { checkNodes } from "./nodes.mjs";
import { pack } from "./tools.mjs";

// What takes minutes and the network: the published archive with every package manager and Node version.
const archive = await pack();
let failures = 0;
for (const check of [checkMeasures, checkBundlers, checkNodes, checkManagers]) {
  for await (const { name, passed, skipped, failed } of check(archive)) {
    if (failed !== undefined) failures += 1;
    console.log(`${passed !== undefined ? "ok  " : skipped !== undefined ? "skip" : "FAIL"}  ${name}: ${passed ?? skipped ?? failed}`);
  }
}
console.log(`${archive}\n${failures === 0 ? "All checks passed." : `${failures} failed.`}`);
process.exitCode = failures === 0 ? 0 : 1;
