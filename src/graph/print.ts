import { isTypedArray } from "../tensor/dtype.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Graph } from "./graph.js";

/** A graph as text, one node a line: `%3 = matmul(%0, %1)  float32 [2, 3]  # dense`. */
export function printGraph(graph: Graph): string {
  const names = new Map<Tensor, string>();
  const nameOf = (tensor: Tensor): string => names.get(tensor) ?? "data";
  const lines = graph.inputs.map((input, i) => {
    names.set(input, `%${input.name ?? `in${i}`}`);
    return `input ${nameOf(input)}  ${input.dtype} ${formatShape(input.shape)}`;
  });
  let next = 0;
  for (const node of graph.nodes) {
    for (const output of node.outputs) names.set(output, `%${next++}`);
    const results = node.outputs.map(nameOf).join(", ");
    const specs = node.outputs.map((output) => `${output.dtype} ${formatShape(output.shape)}`).join(", ");
    const attrs = Object.entries(node.attrs).map(([name, value]) => `${name}=${formatAttribute(value)}`);
    const args = [...node.inputs.map(nameOf), ...attrs].join(", ");
    lines.push(`${results} = ${node.op.name}(${args})  ${specs}${node.scope === "" ? "" : `  # ${node.scope}`}`);
  }
  return [...lines, `return ${graph.outputs.map(nameOf).join(", ")}`].join("\n");
}

function formatAttribute(value: unknown): string {
  if (!isTypedArray(value)) return JSON.stringify(value) ?? String(value);
  return value.length <= 4 ? `[${[...value].join(", ")}]` : `${value.length} values`;
}
