import type { LayerCall, SymbolicTensor } from "../../layers/symbolic.js";
import type { Layer } from "../../layers/layer.js";
import type { Model } from "../model.js";
import { outputOrder } from "./kerasPorts.js";

/** What Keras counts as a layer of a functional model: one of the layers, or an input. */
export type Operation = Layer | SymbolicTensor;

/** A call of a layer, or the place of an input. */
type Node = LayerCall | SymbolicTensor;

/**
 * The inputs and layers of a model in the order in which Keras lists them: those farther from the
 * outputs first, and among equals the one that is met first on the way from the outputs back.
 */
export function kerasOrder(model: Model): Operation[] {
  const { nodes, met } = walk(model);
  const depths = new Map<Operation, number>();
  const nodeDepths = new Map<Node, number>();
  for (const node of nodes.toReversed()) {
    const operation = operationOf(node);
    // A layer that is called in several places counts as far as the farthest.
    const depth = Math.max(nodeDepths.get(node) ?? 0, depths.get(operation) ?? 0);
    depths.set(operation, depth);
    for (const parent of parentsOf(model, node)) nodeDepths.set(parent, Math.max(depth + 1, nodeDepths.get(parent) ?? 0));
  }
  for (const input of model.inputs) {
    if (depths.has(input)) continue;
    depths.set(input, 0);
    met.set(input, -1);
  }
  return [...depths.keys()].sort((a, b) => depths.get(b)! - depths.get(a)! || met.get(a)! - met.get(b)!);
}

/** All nodes from inputs to outputs, and when each operation was first met. */
function walk(model: Model): { nodes: Node[]; met: Map<Operation, number> } {
  const nodes: Node[] = [];
  const met = new Map<Operation, number>();
  const seen = new Set<Node>();
  const stack: { readonly node: Node; readonly parents: readonly Node[]; next: number }[] = [];
  const push = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    const operation = operationOf(node);
    if (!met.has(operation)) met.set(operation, met.size);
    stack.push({ node, parents: parentsOf(model, node), next: 0 });
  };
  for (const place of outputOrder(model)) {
    push(nodeOf(model, model.outputs[place]!));
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const parent = top.parents[top.next++];
      if (parent === undefined) nodes.push(stack.pop()!.node);
      else push(parent);
    }
  }
  return { nodes, met };
}

function nodeOf(model: Model, tensor: SymbolicTensor): Node {
  return model.inputs.includes(tensor) ? tensor : tensor.origin!;
}

function operationOf(node: Node): Operation {
  return "layer" in node ? node.layer : node;
}

/** Where the tensors of a call come from: inputs first, then arguments by their names, as Keras goes through them. */
function parentsOf(model: Model, node: Node): Node[] {
  if (!("layer" in node)) return [];
  const places = Object.entries(node.args)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, value]) => placesIn(value));
  const first = node.inputs.filter((_, i) => !places.includes(i));
  return [...first, ...places.map((place) => node.inputs[place]!)].map((tensor) => nodeOf(model, tensor));
}

/** The places of the tensors in an argument, in order. */
function placesIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (typeof value !== "object" || value === null) return [];
  return "tensor" in value && typeof value.tensor === "number" ? [value.tensor] : Object.values(value).flatMap(placesIn);
}
