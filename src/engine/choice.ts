import { NacreError } from "../error.js";
import { installEngine } from "./compile.js";
import type { Engine } from "./engine.js";
import type { EngineOptions } from "./engineOptions.js";
import type { Profiler } from "./profile.js";

let create: ((options: EngineOptions) => Promise<Engine>) | undefined;
let profile: ((options: EngineOptions) => Promise<Profiler>) | undefined;
let chosen: EngineOptions = {};
let engine: Promise<Engine> | undefined;

/** Names what makes engines in this place, and what watches them; one is made when the first program runs. */
export function offerEngines(factory: (options: EngineOptions) => Promise<Engine>, profilers?: typeof profile): void {
  create = factory;
  profile = profilers;
  installEngine(() => (engine ??= started(factory)), () => chosen.withoutRules ?? []);
}

/**
 * Chooses how programs run. Call it before anything runs: values stay with the engine that made them.
 *
 * @throws BAD_ARGUMENT when a program ran before
 * @throws NO_ENGINE when the package was loaded without its entry for this place
 * @example
 * try {
 *   setEngine({ threads: 2 });
 * } catch (error) {
 *   if (error instanceof NacreError) console.log(error.fix);
 * }
 */
export function setEngine(options: EngineOptions): void {
  if (create === undefined) throw noPlace("setEngine");
  if (engine !== undefined) {
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: "setEngine",
      expected: "a call before anything runs",
      received: "one after",
      fix: "call it right after the imports",
    });
  }
  chosen = { ...options };
}

/**
 * An engine of its own beside the chosen one, on the CPU; whoever asks for it disposes of it.
 *
 * @throws NO_ENGINE when the package was loaded without its entry for this place
 */
export async function createEngine(options: Pick<EngineOptions, "threads">): Promise<Engine> {
  if (create === undefined) throw noPlace("engine");
  const { onPlacement: _onPlacement, kind, ...rest } = chosen;
  return create({ ...rest, ...(kind === undefined || kind === "webgpu" ? {} : { kind }), ...options });
}

/** What watches programs on an engine like the chosen one. @throws UNSUPPORTED where nothing does */
export async function createProfiler(): Promise<Profiler> {
  if (profile !== undefined) return profile(chosen);
  throw new NacreError({
    code: "UNSUPPORTED",
    where: "profile",
    expected: "Node",
    received: "a browser",
    fix: "profile there, or use the browser's own tools",
  });
}

function noPlace(where: string): NacreError {
  return new NacreError({ code: "NO_ENGINE", where, expected: "a place that has engines", received: "none", fix: 'import from "nacre", which installs them' });
}

/** An engine as chosen; after a failure another may be chosen. */
function started(factory: (options: EngineOptions) => Promise<Engine>): Promise<Engine> {
  const made = factory(chosen);
  made.catch(() => (engine = undefined));
  return made;
}
