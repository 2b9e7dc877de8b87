import { type Node, nodeOf } from "../../../graph/node.js";
import type { RewriteContext } from "../../../graph/rewrite.js";
import { add } from "../../../ops/elementwise/binary.js";
import { relu } from "../../../ops/elementwise/unary.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Rule } from "../../rule.js";
import { type AffineOperands, affineOp } from "./affine.js";
import { blockedConv, type BlockedConvAttrs, type BlockedConvOperands } from "./blockedConv.js";

/** Lets a blocked convolution do the sum, the affine map and the ReLU that follow it, where nothing else reads what lies between. */
export const fuseBlocked: Rule = {
  name: "fuseBlocked",
  rewrite: (node, context) => {
    if (node.op === relu) return fuseRelu(node, context);
    if (node.op === add) return fuseSum(node, context);
    return node.op === affineOp ? fuseBias(node, context) : undefined;
  },
};

function fuseRelu(node: Node, context: RewriteContext): readonly Tensor[] | undefined {
  const parts = partsOf(node.inputs[0]!, context);
  return parts === undefined ? undefined : [parts.withRelu()];
}

function fuseSum(node: Node, context: RewriteContext): readonly Tensor[] | undefined {
  const [a, b] = node.inputs as [Tensor, Tensor];
  for (const [sum, addend] of [[a, b], [b, a]] as const) {
    const parts = partsOf(sum, context);
    if (parts === undefined || parts.addend !== undefined || addend.shape.join() !== sum.shape.join()) continue;
    return [parts.plus(addend)];
  }
  return undefined;
}

/** A shift alone is the bias of the convolution before it. */
function fuseBias(node: Node, context: RewriteContext): readonly Tensor[] | undefined {
  const { scaled, shifted, activation } = node.attrs as { scaled: boolean; shifted: boolean; activation: "Relu" | null };
  const made = nodeOf(node.inputs[0]!);
  if (scaled || !shifted || made?.op !== blockedConv || context.uses(node.inputs[0]!) !== 1) return undefined;
  const { operands, attrs } = convParts(made);
  if (operands.bias !== undefined || operands.addend !== undefined || attrs.activation !== null) return undefined;
  const fused = { ...operands, bias: node.inputs[1]!, addend: node.inputs[2] };
  return [blockedConv(fused, { ...attrs, activation })];
}

interface Parts {
  readonly addend: Tensor | undefined;
  withRelu(): Tensor;
  plus(addend: Tensor): Tensor;
}

/** What made a tensor that only one node reads, where that can do more. */
function partsOf(tensor: Tensor, context: RewriteContext): Parts | undefined {
  const node = nodeOf(tensor);
  if (node === undefined || context.uses(tensor) !== 1) return undefined;
  if (node.op === blockedConv) {
    const { operands, attrs } = convParts(node);
    if (attrs.activation !== null) return undefined;
    return {
      addend: operands.addend,
      withRelu: () => blockedConv(operands, { ...attrs, activation: "Relu" }),
      plus: (addend) => blockedConv({ ...operands, addend }, attrs),
    };
  }
  if (node.op !== affineOp || node.attrs["activation"] !== null) return undefined;
  const [x, ...rest] = node.inputs as [Tensor, ...Tensor[]];
  const scale = node.attrs["scaled"] === true ? rest.shift() : undefined;
  const shift = node.attrs["shifted"] === true ? rest.shift() : undefined;
  const operands: AffineOperands = { scale, shift, addend: rest[0] };
  return {
    addend: rest[0],
    withRelu: () => affineOp(x, { ...operands, activation: "Relu" }),
    plus: (addend) => affineOp(x, { ...operands, addend }),
  };
}

function convParts(node: Node): { operands: BlockedConvOperands; attrs: BlockedConvAttrs } {
  const { biased, ...attrs } = node.attrs as BlockedConvAttrs & { biased: boolean };
  const [x, kernel, ...rest] = node.inputs as [Tensor, Tensor, ...Tensor[]];
  const bias = biased ? rest.shift() : undefined;
  return { operands: { x, kernel, bias, addend: rest[0] }, attrs };
}
