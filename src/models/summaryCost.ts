import { nodesOf, placeholder } from "../graph/graph.js";
import type { Node } from "../graph/node.js";
import type { Op } from "../graph/op.js";
import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";
import { shapesOnly } from "../layers/traceContext.js";
import { matmul } from "../ops/matrix/matmul.js";
import { conv, convInputGrad } from "../ops/nn/conv.js";
import { dimTerms } from "../tensor/dim.js";
import { sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** How often a product sums over a pair of elements, times the elements that do so; other ops are not counted. */
const PRODUCTS: ReadonlyMap<Op, (node: Node) => number> = new Map<Op, (node: Node) => number>([
  [matmul, ({ inputs: [a], outputs: [y] }) => sizeOf(y!.shape) * Number(a!.shape.at(-1))],
  [conv, ({ inputs: [, kernel], outputs: [y] }) => windows(y!, kernel!)],
  [convInputGrad, ({ inputs: [g, kernel] }) => windows(g!, kernel!)],
]);

/** Each element on the side of the kernel's output channels [O, ...] meets all of one channel's taps. */
function windows(y: Tensor, kernel: Tensor): number {
  return (sizeOf(y.shape) * sizeOf(kernel.shape)) / Number(kernel.shape[0]);
}

/** The shape of one sample's values, the batch axis and other free ones of size 1. */
export function sampleShape({ shape }: SymbolicTensor): number[] {
  return shape.map((dim) => dimTerms(dim).reduce((sum, { coefficient }) => sum + coefficient, 0));
}

/** Multiply-adds of the matrix products and convolutions in a layer's call, for one sample, found by tracing it. */
export function multiplyAdds({ layer, inputs, args }: LayerCall): number {
  const values = inputs.map((input) => {
    const shape = sampleShape(input);
    return { value: placeholder(shape, input.dtype, ""), mask: input.masked ? placeholder(shape.slice(0, 2), "bool", "") : undefined };
  });
  const outputs = layer.replay(shapesOnly, values, args).map(({ value }) => value);
  return nodesOf(outputs).reduce((sum, node) => sum + (PRODUCTS.get(node.op)?.(node) ?? 0), 0);
}
