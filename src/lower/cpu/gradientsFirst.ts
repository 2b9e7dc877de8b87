import { barrier } from "../../autodiff/barrier.js";
import type { Graph } from "../../graph/graph.js";
import { Node, nodeOf } from "../../graph/node.js";
import type { RewriteContext } from "../../graph/rewrite.js";
import { reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";
import { bytesOf, canWaitFor, livenessOf, storageOf } from "./liveness.js";

/**
 * Gradients of weights are computed before the backward pass goes on. Nothing but the update waits for them, so ONNX
 * Runtime would come to them last, and keep what they are computed from until then.
 */
export const gradientsFirst: Rule = {
  name: "gradientsFirst",
  rewrite: (node, context) => {
    const { turns, made } = runOf(context);
    const original = context.graph.nodes[context.place]!;
    const known = made.get(original);
    if (known !== undefined) return known;
    const turn = turns.get(original);
    if (turn === undefined) return undefined;
    const { op, inputs, attrs } = turn.first;
    const { outputs } = new Node(op, inputs.map((input) => now(input, context)), attrs);
    made.set(turn.first, outputs);
    const held = node.inputs.map((input, i) => (storageOf(original.inputs[i]!) === turn.source ? barrier(input, outputs[0]!) : input));
    return new Node(node.op, held, node.attrs).outputs;
  },
};

/** A node that shall run before another user of the operand that was made last. */
interface Turn {
  readonly first: Node;
  readonly source: Tensor;
}

interface Run {
  /** By the node that shall wait. */
  readonly turns: ReadonlyMap<Node, Turn>;
  /** What came before its place. */
  readonly made: Map<Node, readonly Tensor[]>;
}

const runs = new WeakMap<RewriteContext, Run>();

function runOf(context: RewriteContext): Run {
  const run = runs.get(context) ?? { turns: findTurns(context.graph), made: new Map() };
  runs.set(context, run);
  return run;
}

function findTurns(graph: Graph): ReadonlyMap<Node, Turn> {
  const turns = new Map<Node, Turn>();
  const liveness = livenessOf(graph);
  if (liveness === undefined) return turns;
  const { nodes } = graph;
  const places = new Map(nodes.flatMap((node, place) => node.outputs.map((output) => [output, place] as const)));
  const usersOf = (value: Tensor): Node[] => liveness.users(value).map((place) => nodes[place]!);
  // Nodes of which only outputs of the graph come, by way of elementwise ops such as an update's.
  const leaving = new Set<Node>();
  for (const node of nodes.toReversed()) {
    if (node.outputs.every((output) => usersOf(storageOf(output)).every((user) => user.op.elementwise === true && leaving.has(user)))) leaving.add(node);
  }
  for (const first of leaving) {
    const made = first.inputs.map(storageOf).filter((value) => places.has(value));
    if (first.op.elementwise === true || first.op === reshape || made.length === 0 || !canWaitFor(first.outputs[0]!)) continue;
    const source = made.reduce((a, b) => (places.get(b)! > places.get(a)! ? b : a));
    const others = usersOf(source).filter((user) => !leaving.has(user));
    if (others.length === 0 || !liveness.matters(source)) continue;
    const next = others.reduce((a, b) => (bytesOf(b.outputs[0]!) > bytesOf(a.outputs[0]!) ? b : a));
    if (!turns.has(next)) turns.set(next, { first, source });
  }
  return turns;
}

/** What stands for an operand now, where only reshapes may still be missing. */
function now(tensor: Tensor, context: RewriteContext): Tensor {
  const node = nodeOf(tensor);
  if (node?.op !== reshape) return context.now(tensor);
  return new Node(node.op, [now(node.inputs[0]!, context)], node.attrs).outputs[0]!;
}
