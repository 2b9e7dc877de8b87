import type { Tensor } from "../tensor/tensor.js";
import { graphOf, placeholder } from "./graph.js";
import type { LoweringBuilder, OnnxValue } from "./lowering.js";
import type { Operands } from "./op.js";

/** The standard lowering of an op that other ops can say: that of the nodes that `formula` builds. */
export function lowerBy(
  b: LoweringBuilder,
  operands: readonly OnnxValue[],
  inputs: readonly Tensor[],
  formula: (...inputs: Tensor[]) => Tensor,
): OnnxValue {
  const stands = operands.map((_, i) => placeholder(inputs[i]!.shape, inputs[i]!.dtype, `operand ${i}`));
  const graph = graphOf(stands, [formula(...stands)]);
  const names = new Map<Tensor, OnnxValue>(stands.map((stand, i) => [stand, operands[i]!]));
  for (const { op, inputs: given, outputs, attrs } of graph.nodes) {
    const lowered = op.lower(b, given.map((input) => names.get(input)!) as unknown as Operands<OnnxValue>, {
      inputs: given as Operands<Tensor>,
      outputs: outputs as Operands<Tensor>,
      attrs,
    });
    const values = Array.isArray(lowered) ? (lowered as readonly OnnxValue[]) : [lowered as OnnxValue];
    outputs.forEach((output, i) => names.set(output, values[i]!));
  }
  return names.get(graph.outputs[0]!)!;
}
