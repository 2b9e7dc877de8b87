import type { Tensor } from "../tensor/tensor.js";
import { type Graph, graphOf } from "./graph.js";
import { Node, withScope } from "./node.js";

/** What a rewrite may ask while it looks at a node; one object for all nodes of a graph. */
export interface RewriteContext {
  /** The original graph. */
  readonly graph: Graph;
  /** Where the node stands among those of the original graph. */
  readonly place: number;
  /** What stands for a tensor of the original graph; itself before its node was looked at. */
  now(tensor: Tensor): Tensor;
  /** How many nodes and outputs of the original graph use a tensor of the rewritten one. */
  uses(tensor: Tensor): number;
}

/** Gives new outputs for a node whose inputs are already rewritten, or undefined to leave it. */
export type Rewrite = (node: Node, context: RewriteContext) => readonly Tensor[] | undefined;

/**
 * Rebuilds a graph from its inputs on, letting `rewrite` replace nodes; what nobody uses is gone
 * after. `replacements` stand in for values from the start.
 */
export function rewriteGraph(graph: Graph, rewrite: Rewrite, replacements?: ReadonlyMap<Tensor, Tensor>): Graph {
  const replaced = new Map(replacements);
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  const counts = countUses(graph);
  const uses = new Map<Tensor, number>();
  const context = { graph, place: 0, now, uses: (tensor: Tensor) => uses.get(tensor) ?? counts.get(tensor) ?? 0 };
  for (const [place, original] of graph.nodes.entries()) {
    context.place = place;
    const inputs = original.inputs.map(now);
    const same = inputs.every((input, i) => input === original.inputs[i]);
    const node = same ? original : withScope(original.scope, () => new Node(original.op, inputs, original.attrs));
    const outputs = withScope(node.scope, () => rewrite(node, context)) ?? node.outputs;
    original.outputs.forEach((output, i) => {
      if (outputs[i] === output) return;
      replaced.set(output, outputs[i]!);
      uses.set(outputs[i]!, (uses.get(outputs[i]!) ?? 0) + (counts.get(output) ?? 0));
    });
  }
  return graphOf(graph.inputs, graph.outputs.map(now));
}

/** A graph with new inputs, in which other values stand in for old ones. */
export function withInputs(graph: Graph, inputs: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Graph {
  return graphOf(inputs, rewriteGraph(graph, () => undefined, replacements).outputs);
}

function countUses(graph: Graph): ReadonlyMap<Tensor, number> {
  const counts = new Map<Tensor, number>();
  const use = (tensor: Tensor): void => void counts.set(tensor, (counts.get(tensor) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(use);
  graph.outputs.forEach(use);
  return counts;
}
