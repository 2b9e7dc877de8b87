import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NacreError } from "../error.js";
import { EngineCompiler, rulesWithout } from "./compile.js";
import type { Engine } from "./engine.js";
import type { EngineOptions } from "./engineOptions.js";
import { createNodeEngine } from "./node.js";
import type { ProfileEvent, Profiler } from "./profile.js";
import type { KernelTime } from "./sessionOptions.js";

/**
 * An engine of its own whose sessions write down how long their nodes take.
 *
 * @throws UNSUPPORTED with WebAssembly, which writes no files
 */
export async function createProfiler(options: EngineOptions): Promise<Profiler> {
  const folder = await mkdtemp(join(tmpdir(), "nacre-profile-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const kernels: KernelTime[] = [];
  let engine: Engine;
  try {
    engine = await createNodeEngine(options, { prefix: join(folder, "session"), onKernel: (time) => void kernels.push(time) });
    if (engine.name === "wasm") throw notNative();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    compiler: new EngineCompiler(async () => engine, rulesWithout(() => options.withoutRules ?? []), true),
    async finish() {
      try {
        // Sessions write their files when they close.
        await engine.dispose();
        const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
        return withKernels(longest(files), kernels);
      } finally {
        await remove();
      }
    },
  };
}

/** The events of the program that ran; another session only found out which rules apply. */
function longest(files: readonly string[]): readonly ProfileEvent[] {
  const runs = files.map((text) => JSON.parse(text) as ProfileEvent[]);
  return runs.reduce((most, events) => (events.length > most.length ? events : most), []);
}

/** Puts kernels after the runs that they followed, as parts of them. */
function withKernels(events: readonly ProfileEvent[], kernels: readonly KernelTime[]): readonly ProfileEvent[] {
  const ends = new Map<ProfileEvent, number>();
  const runs = events.filter(({ name }) => name === "model_run");
  const added = kernels.flatMap(({ run, scope, ms }, i): ProfileEvent[] => {
    const after = runs[run];
    if (after === undefined) return [];
    const ts = ends.get(after) ?? after.ts + after.dur;
    const dur = ms * 1000;
    ends.set(after, ts + dur);
    return [{ cat: "Node", name: `${scope}/Kernel_${i}_kernel_time`, ts, dur, args: { op_name: "Kernel" } }];
  });
  const longer = events.map((event) => (ends.has(event) ? { ...event, dur: ends.get(event)! - event.ts } : event));
  return [...longer, ...added];
}

function notNative(): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: "profile",
    expected: 'the engine "native" or "binding"',
    received: '"wasm"',
    fix: "npm install onnxruntime-node where there is a build for it",
  });
}
