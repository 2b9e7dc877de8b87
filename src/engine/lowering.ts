import type { Graph } from "../graph/graph.js";
import { rewriteGraph } from "../graph/rewrite.js";
import { cpuRules } from "../lower/cpu/index.js";
import { halvesRule, shareRows } from "../lower/halves/halves.js";
import { applyRules, type Rule } from "../lower/rule.js";
import { tailRule } from "../lower/tail/tail.js";
import { webGpuRules } from "../lower/webgpu/index.js";
import type { Engine } from "./engine.js";
import type { TurnTaker } from "./turns.js";

export { freezeGraph } from "./frozen.js";
export { programOf, sharedProgramOf } from "./program.js";
export { halvesRule, shareRows, tailRule };

/** The graph after the rules, with turns for the event loop between them: large graphs take a while. */
export async function lowerGraph(graph: Graph, applied: readonly Rule[], turns: TurnTaker): Promise<Graph> {
  let current = graph;
  for (const { rewrite } of applied) {
    current = rewriteGraph(current, rewrite);
    await turns.turnWhenDue();
  }
  return applyRules(current, []);
}

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
  const rules = cpuRules(await findBlockedRules(engine));
  return [...(engine.abreast ? [halvesRule] : []), ...rules, ...(engine.kernels ? [tailRule] : [])];
}
