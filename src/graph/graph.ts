import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { type Node, type Spec, nodeOf } from "./node.js";

/** A traced function: named inputs, outputs, and the nodes between them in an order that runs. */
export interface Graph {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly nodes: readonly Node[];
}

/** A tensor without value that stands for an input while tracing. */
export function placeholder(shape: Shape, dtype: DType, name: string): Tensor {
  return new Tensor({ shape, dtype, name });
}

/** Traces `fn` over placeholders of the given specs. */
export function trace(
  fn: (inputs: readonly Tensor[]) => readonly Tensor[],
  specs: readonly (Spec & { readonly name: string })[],
): Graph {
  const inputs = specs.map(({ shape, dtype, name }) => placeholder(shape, dtype, name));
  return graphOf(inputs, fn(inputs));
}

/**
 * The graph from `inputs` to `outputs`. Data that the outputs reach on the way is not an input;
 * {@link leavesOf} finds it.
 */
export function graphOf(inputs: readonly Tensor[], outputs: readonly Tensor[]): Graph {
  return { inputs, outputs, nodes: nodesOf(outputs, new Set(inputs)) };
}

/** The nodes that `outputs` need, each after those it needs. Known values and `stop` end the walk. */
export function nodesOf(outputs: readonly Tensor[], stop: ReadonlySet<Tensor> = new Set()): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: recursion would overflow on unrolled recurrent nets.
  const stack: { node: Node; next: number }[] = [];
  const push = (tensor: Tensor): void => {
    if (stop.has(tensor) || tensor.value !== undefined) return;
    const node = nodeOf(tensor);
    if (node === undefined || seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const output of outputs) {
    push(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input !== undefined) push(input);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** Tensors that a graph uses but does not compute and that are not its inputs: captured data. */
export function leavesOf(graph: Graph): Tensor[] {
  const known = new Set<Tensor>(graph.inputs);
  const leaves = new Set<Tensor>();
  const computed = new Set<Tensor>(graph.nodes.flatMap((node) => node.outputs));
  const visit = (tensor: Tensor): void => {
    if (!known.has(tensor) && !computed.has(tensor)) leaves.add(tensor);
  };
  for (const node of graph.nodes) node.inputs.forEach(visit);
  graph.outputs.forEach(visit);
  return [...leaves];
}
