import type { Graph } from "../graph/graph.js";
import { type Rewrite, rewriteGraph } from "../graph/rewrite.js";
import { eliminateCommonSubexpressions } from "../graph/passes/cse.js";

/** The names of all rules. */
export const RULE_NAMES = [
  "halves",
  "dropIdentity",
  "dropBroadcast",
  "sinkTranspose",
  "reluMask",
  "poolMask",
  "blocked",
  "fuseBlocked",
  "kernelGradByProduct",
  "joinProducts",
  "joinSteps",
  "gemm",
  "gradientsFirst",
  "recompute",
  "tail",
] as const;

export type RuleName = (typeof RULE_NAMES)[number];

/** One way to say the same thing faster: a pattern over op objects, and what takes its place. */
export interface Rule {
  /** The switch that turns it off. */
  readonly name: RuleName;
  readonly rewrite: Rewrite;
}

/** Applies the rules, each over the whole graph in the order given, then computes equal things once. */
export function applyRules(graph: Graph, rules: readonly Rule[]): Graph {
  const rewritten = rules.reduce((current, rule) => rewriteGraph(current, rule.rewrite), graph);
  return eliminateCommonSubexpressions(rewritten);
}
