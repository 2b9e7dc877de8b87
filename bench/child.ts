import type { Job, Measured, Report } from "./workload.js";

// The process of one JavaScript peer: `node child.js ./peers/nacre.js JOB`.
const [, , module, job] = process.argv as [string, string, string, string];
let line: object;
try {
  const { measure } = (await import(module)) as { measure: (job: Job) => Promise<Measured> };
  const { clock, parameters, loss } = await measure(JSON.parse(job) as Job);
  line = {
    times_ms: clock.times_ms,
    first_step_s: clock.first_step_s,
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    parameters,
    loss,
  } satisfies Report;
} catch (error) {
  line = { error: error instanceof Error ? error.message : String(error) };
}
// Worker threads of a peer may keep the process alive, so it ends itself once the line has left.
process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit());
