import { NacreError } from "../error.js";
import { nodesOf } from "../graph/graph.js";
import { type Node, nodeOf, withScope } from "../graph/node.js";
import type { Operands } from "../graph/op.js";
import { add } from "../ops/elementwise/binary.js";
import { isFloat } from "../tensor/dtype.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * The vector-Jacobian product: for each tensor x in `wrt`, Σᵢ cotangentᵢ · ∂outputᵢ/∂x, or null
 * where no output depends on x through ops with gradients. One walk over the graph in reverse.
 *
 * @throws SHAPE_MISMATCH when a cotangent has another shape than its output
 */
export function gradients(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
): (Tensor | null)[] {
  const nodes = nodesOf(outputs, new Set(wrt));
  const depends = dependents(nodes, wrt);
  const sums = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, cotangent: Tensor): void => {
    const sum = sums.get(tensor);
    sums.set(tensor, sum === undefined ? cotangent : add(sum, cotangent));
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i]!;
    if (!sameShape(output.shape, cotangent.shape)) throw wrongCotangent(output, cotangent);
    accumulate(output, cotangent);
  });
  for (const node of nodes.toReversed()) {
    const { grad } = node.op;
    const arriving = node.outputs.map((output) => sums.get(output) ?? null);
    if (grad === "none" || arriving.every((g) => g === null)) continue;
    const needed = node.inputs.map((input) => depends.has(input));
    if (!needed.includes(true)) continue;
    const rule = () => {
      const leaving = grad(
        { inputs: node.inputs as Operands<Tensor>, outputs: node.outputs as Operands<Tensor>, attrs: node.attrs, needed },
        arriving as unknown as Operands<Tensor | null>,
      );
      node.inputs.forEach((input, i) => {
        const cotangent = leaving[i];
        if (needed[i] && cotangent !== null && cotangent !== undefined) accumulate(input, cotangent);
      });
    };
    if (node.scope === "") rule();
    else withScope(`${node.scope}'`, rule);
  }
  return wrt.map((tensor) => sums.get(tensor) ?? null);
}

/** All float tensors through which a gradient can reach one of `wrt`. */
function dependents(nodes: readonly Node[], wrt: readonly Tensor[]): ReadonlySet<Tensor> {
  const reached = new Set<Tensor>(wrt);
  for (const node of nodes) {
    if (node.op.grad === "none" || !node.inputs.some((input) => reached.has(input))) continue;
    for (const output of node.outputs) if (isFloat(output.dtype)) reached.add(output);
  }
  return reached;
}

function wrongCotangent(output: Tensor, cotangent: Tensor): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: `gradient of ${nodeOf(output)?.op.name ?? "an input"}`,
    expected: `a cotangent of shape ${formatShape(output.shape)}`,
    received: formatShape(cotangent.shape),
  });
}
