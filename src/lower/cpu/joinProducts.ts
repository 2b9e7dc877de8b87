import { Node, nodeOf } from "../../graph/node.js";
import type { RewriteContext } from "../../graph/rewrite.js";
import { add } from "../../ops/elementwise/binary.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { concat } from "../../ops/shape/concat.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";

/** A term aᵀ · b of a sum. [N,K], [N,M] */
type Product = readonly [a: Tensor, b: Tensor];

/** So many products are worth putting their operands together. */
const FEWEST = 4;

/**
 * Adds products of many short matrices as one of long ones, Σ aᵢᵀ · bᵢ = [a₁; a₂; …]ᵀ · [b₁; b₂; …]: the gradient of
 * a weight that every step of a recurrent layer uses. One large product fills all threads, and nothing is left to add.
 */
export const joinProducts: Rule = {
  name: "joinProducts",
  rewrite: (node, context) => {
    // Sums are looked at from where they are used, when they are complete.
    if (node.op === add) return undefined;
    const inputs = node.inputs.map((input) => joined(input, context) ?? input);
    return inputs.every((input, i) => input === node.inputs[i]) ? undefined : new Node(node.op, inputs, node.attrs).outputs;
  },
};

const known = new WeakMap<Tensor, Tensor | null>();

function joined(sum: Tensor, context: RewriteContext): Tensor | undefined {
  if (nodeOf(sum)?.op !== add || sum.rank !== 2 || sum.dtype !== "float32") return undefined;
  const before = known.get(sum);
  if (before !== undefined) return before ?? undefined;
  const terms = termsOf(sum, context);
  const pays = terms !== undefined && terms.length >= FEWEST && elements([sum]) * terms.length > elements(terms.flat());
  const product = pays ? matmul(transpose(concat(terms.map(([a]) => a)), [1, 0]), concat(terms.map(([, b]) => b))) : undefined;
  known.set(sum, product ?? null);
  return product;
}

/**
 * The products that a sum adds, undefined where it adds anything else. The last comes first: gradients are added from
 * the last step on, and in the order of the steps other joined values are the same.
 */
function termsOf(sum: Tensor, context: RewriteContext): Product[] | undefined {
  const terms: Product[] = [];
  const stack = [sum];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    const node = nodeOf(tensor);
    if (node === undefined || (tensor !== sum && context.uses(tensor) > 1)) return undefined;
    const [left, right] = node.inputs;
    if (node.op === add && [left!, right!].every(({ shape }) => shape.join() === sum.shape.join())) {
      stack.push(right!, left!);
      continue;
    }
    // What has no inputs, as zeros, is no product.
    const turned = left === undefined ? undefined : nodeOf(left);
    if (node.op !== matmul || turned?.op !== transpose || turned.inputs[0]!.rank !== 2 || right!.rank !== 2) return undefined;
    terms.unshift([turned.inputs[0]!, right!]);
  }
  return terms;
}

/** Elements of all; infinite where an axis is free. */
function elements(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape.reduce<number>((product, dim) => (typeof dim === "number" ? product * dim : Infinity), 1), 0);
}
