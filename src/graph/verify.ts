import { NacreError } from "../error.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Graph } from "./graph.js";
import type { Node, Spec } from "./node.js";

/**
 * Checks that a graph is one: every value is made before it is used, no node stands twice, and
 * every op's shape rule still gives the shapes that the graph says. Tests run it after each pass.
 *
 * @throws BAD_ARGUMENT when it is not, naming the node
 */
export function verifyGraph(graph: Graph): void {
  const made = new Set<Tensor>(graph.inputs);
  const seen = new Set<Node>();
  const check = (tensor: Tensor, user: string): void => {
    const leaf = tensor.value !== undefined;
    if (!made.has(tensor) && !leaf) throw illegal(user, "values made before their use", tensor.toString());
  };
  for (const node of graph.nodes) {
    const name = `node ${node.op.name}${node.scope === "" ? "" : ` of ${node.scope}`}`;
    if (seen.has(node)) throw illegal(name, "each node once", "a second time");
    seen.add(node);
    for (const input of node.inputs) check(input, name);
    const inferred = node.op.infer(node.inputs, node.attrs);
    const specs = Array.isArray(inferred) ? (inferred as readonly Spec[]) : [inferred as Spec];
    node.outputs.forEach((output, i) => {
      const spec = specs[i];
      if (spec === undefined || !sameShape(spec.shape, output.shape) || spec.dtype !== output.dtype) {
        throw illegal(name, spec === undefined ? "fewer outputs" : `${spec.dtype} ${formatShape(spec.shape)}`, output.toString());
      }
      made.add(output);
    });
  }
  for (const output of graph.outputs) check(output, "graph output");
}

function illegal(where: string, expected: string, received: string): NacreError {
  return new NacreError({ code: "BAD_ARGUMENT", where, expected, received, fix: "the pass that made this graph is wrong" });
}
