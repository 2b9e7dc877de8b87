import { NacreError } from "../error.js";
import { placeholder } from "../graph/graph.js";
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

/** What free axes beside the batch are taken for: the first that the layers can do with. */
const SIZES = [1, 16, 64, 256];

/** What is found with the first size of free axes that does not fail. */
export function atSomeSize<T>(find: (size: number) => T): T {
  for (const size of SIZES.slice(0, -1)) {
    try {
      return find(size);
    } catch (error) {
      // Too small for a window, or not divisible by a stride.
      if (!(error instanceof NacreError)) throw error;
    }
  }
  return find(SIZES.at(-1)!);
}

/** The shape of one sample's values, the batch axis of size 1 and other free ones of size `free`. */
export function sampleShape({ shape }: Pick<SymbolicTensor, "shape">, free = 1): number[] {
  const valueOf = (symbol: string): number => (symbol === "batch" ? 1 : free);
  return shape.map((dim) => dimTerms(dim).reduce((sum, { coefficient, symbols }) => sum + symbols.reduce((product, symbol) => product * valueOf(symbol), coefficient), 0));
}

/** Multiply-adds of the matrix products and convolutions in a layer's call, for one sample, found by tracing it. */
export function multiplyAdds({ layer, inputs, args }: LayerCall): number {
  return atSomeSize((size) => {
    const values = inputs.map((input) => {
      const shape = sampleShape(input, size);
      return { value: placeholder(shape, input.dtype, ""), mask: input.masked ? placeholder(shape.slice(0, 2), "bool", "") : undefined };
    });
    const seen = new Set<Node>();
    return layer.replay(shapesOnly, values, args).reduce((sum, { value }) => sum + productsOf(value, seen), 0);
  });
}

/** Multiply-adds of what makes a value, without what was seen before. */
export function productsOf(value: Tensor, seen: Set<Node>): number {
  let sum = 0;
  const open = [value];
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    const node = tensor.producer as Node | undefined;
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    sum += PRODUCTS.get(node.op)?.(node) ?? 0;
    open.push(...node.inputs);
  }
  return sum;
}
