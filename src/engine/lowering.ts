import { cpuRules } from "../lower/cpu/index.js";
import type { Rule } from "../lower/rule.js";
import { webGpuRules } from "../lower/webgpu/index.js";
import type { Engine } from "./engine.js";

export { applyRules } from "../lower/rule.js";
export { freezeGraph } from "./frozen.js";
export { programOf } from "./program.js";

const rules = new WeakMap<Engine, Promise<readonly Rule[]>>();

/** The rewrites that make programs fast on an engine. */
export function rulesFor(engine: Engine): Promise<readonly Rule[]> {
  const known = rules.get(engine) ?? findRules(engine);
  rules.set(engine, known);
  return known;
}

async function findRules(engine: Engine): Promise<readonly Rule[]> {
  if (engine.name === "webgpu") return webGpuRules;
  if (engine.name === "wasm") return cpuRules();
  const { findBlockedRules } = await import("./blocks.js");
  return cpuRules(await findBlockedRules(engine));
}
