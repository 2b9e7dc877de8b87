import { nodesOf } from "../graph/graph.js";
import { Node, currentScope, withScope } from "../graph/node.js";
import { isFloat } from "../tensor/dtype.js";
import { Tensor } from "../tensor/tensor.js";
import { barrier } from "./barrier.js";
import { withBackward } from "./customGradient.js";
import { gradients } from "./gradients.js";
import { leavesOfTree, mapTree } from "./tree.js";

let calls = 0;

/**
 * A function whose inner values are not kept for the gradient but computed a second time: what
 * they cost in memory is paid in time. Arguments and result are as `f`'s, nested objects and arrays
 * included. Tensors that `f` uses without being given them get their gradients too, and random
 * numbers are drawn the same way again.
 *
 * @example
 * const block = checkpoint((x: Tensor) => x.matmul(x).tanh().matmul(x).tanh());
 * const g = grad((x: Tensor) => block(x).sum())(ops.eye(3));
 * console.log(g.shape); // [3, 3]
 */
export function checkpoint<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const outer = currentScope();
    // The scope tells which nodes f makes from those it is given.
    const name = `checkpoint ${++calls}`;
    const prefix = outer === "" ? name : `${outer}/${name}`;
    const isInner = (node: Node): boolean => node.scope === prefix || node.scope.startsWith(`${prefix}/`);
    const result = withScope(name, () => f(...args));
    const outputs: Tensor[] = [];
    mapTree(result, (leaf) => {
      if (leaf instanceof Tensor) outputs.push(leaf);
    });
    const passed = leavesOfTree(args).flatMap(({ leaf }) => (leaf instanceof Tensor ? [leaf] : []));
    const nodes = nodesOf(outputs, new Set(passed)).filter(isInner);
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const given = [...new Set([...nodes.flatMap((node) => node.inputs), ...outputs])].filter((tensor) => !made.has(tensor));
    const operands = given.filter((tensor) => isFloat(tensor.dtype));
    const kept = withBackward(outputs, operands, (cotangents) => {
      const after = cotangents.find((g) => g !== null)!;
      const again = new Map(given.map((tensor) => [tensor, barrier(tensor, after)]));
      recompute(nodes, again);
      const reached = outputs.flatMap((output, i) => (cotangents[i] === null ? [] : [{ output, cotangent: cotangents[i]! }]));
      return gradients(
        reached.map(({ output }) => again.get(output)!),
        reached.map(({ cotangent }) => cotangent),
        operands.map((tensor) => again.get(tensor)!),
      );
    });
    let next = 0;
    return mapTree(result, (leaf) => (leaf instanceof Tensor ? kept[next++]! : leaf)) as R;
  };
}

/** Makes the nodes anew, with tensors in `again` in the place of those they stand for. */
function recompute(nodes: readonly Node[], again: Map<Tensor, Tensor>): void {
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => again.get(input) ?? input);
    const copy = withScope(node.scope, () => new Node(node.op, inputs, node.attrs));
    node.outputs.forEach((output, i) => again.set(output, copy.outputs[i]!));
  }
}
