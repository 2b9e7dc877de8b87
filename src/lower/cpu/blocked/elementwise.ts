import { Node } from "../../../graph/node.js";
import type { Op } from "../../../graph/op.js";
import { add, maximum, minimum, mul, sub } from "../../../ops/elementwise/binary.js";
import { cast } from "../../../ops/elementwise/cast.js";
import { equal, greater, greaterEqual, less, lessEqual, logicalAnd, logicalNot, logicalOr } from "../../../ops/elementwise/compare.js";
import { constant } from "../../../ops/elementwise/literal.js";
import { abs, neg, relu, sigmoid, sign, tanh } from "../../../ops/elementwise/unary.js";
import { where } from "../../../ops/elementwise/where.js";
import { gelu } from "../../../ops/nn/gelu.js";
import { broadcastTo } from "../../../ops/shape/broadcastTo.js";
import { pad } from "../../../ops/shape/pad.js";
import { reshape } from "../../../ops/shape/reshape.js";
import { sameShape } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { step } from "../reluMask.js";
import { affine, affineOf } from "./affine.js";
import { shown, toBlocks, toChannelsFirst, type View, viewOf } from "./layout.js";

/** Elementwise work inside the blocks; what is said channel by channel becomes an affine map. */
export function elementwiseInBlocks(node: Node, block: number): readonly Tensor[] | undefined {
  if (node.op.elementwise !== true) return undefined;
  const [output] = node.outputs as [Tensor];
  const lead = node.inputs.find((input) => viewOf(input) !== undefined && sameShape(input.shape, output.shape));
  if (lead === undefined) return undefined;
  const view = viewOf(lead)!;
  if (!fillsBlocks(view) && !KEEPS_FINITE.has(node.op)) return undefined;
  const mapped = channelwise(node, lead, view);
  if (mapped !== undefined) return [shown({ ...view, blocks: mapped })];
  const operands = node.inputs.map((input) => operandInBlocks(input, output, view, block));
  const result = new Node(node.op, operands, node.attrs).outputs[0]!;
  return [shown({ ...view, blocks: result })];
}

/** Whether every place in the blocks belongs to a channel; others hold zeros to begin with, and numbers that nobody asked for later. */
function fillsBlocks({ blocks, channels }: View): boolean {
  return (blocks.shape[1] as number) * (blocks.shape[4] as number) === channels;
}

/** Ops that make finite numbers of finite ones: a NaN beside the channels would spread through the next convolution. */
const KEEPS_FINITE: ReadonlySet<Op> = new Set<Op>([
  add, sub, mul, maximum, minimum, neg, abs, relu, sigmoid, tanh, sign, gelu, step, cast, where,
  equal, greater, greaterEqual, less, lessEqual, logicalAnd, logicalNot, logicalOr,
]);

/** A sum with, or a product by, one number a channel. */
function channelwise({ op, inputs }: Node, lead: Tensor, view: View): Tensor | undefined {
  if (op !== add && op !== mul && op !== sub) return undefined;
  const after = inputs[0] === lead;
  const vector = channelVector(inputs[after ? 1 : 0]!, lead, view);
  if (vector === undefined) return undefined;
  if (op === mul) return affine(view.blocks, vector, undefined);
  if (op === add) return affine(view.blocks, undefined, vector);
  if (after) return affine(view.blocks, undefined, neg(vector));
  const size = vector.shape[0] as number;
  return affine(affine(view.blocks, constant(new Float32Array(size).fill(-1), [size], "float32"), undefined), undefined, vector);
}

/** An operand that differs from channel to channel only, [C] with padding. */
function channelVector(operand: Tensor, lead: Tensor, view: View): Tensor | undefined {
  const [, count, , , block] = view.blocks.shape as readonly number[];
  const full = count! * block!;
  const dims = aligned(operand, lead.rank);
  const axis = view.order.indexOf(1);
  if (dims.some((dim, i) => dim !== 1 && i !== axis)) return undefined;
  if (dims[axis] === view.channels && view.channels > 1) {
    return pad(reshape(operand, [view.channels]), [[0, full - view.channels]]);
  }
  // A plain number costs as much as an affine map, unless it joins one.
  if (dims[axis] !== 1 || affineOf(view.blocks) === undefined) return undefined;
  return broadcastTo(reshape(operand, [1]), [full]);
}

/** An operand as the blocks see it: stretched along the axes that it lacks. */
function operandInBlocks(operand: Tensor, output: Tensor, view: View, block: number): Tensor {
  if (viewOf(operand) !== undefined && sameShape(operand.shape, output.shape)) return toBlocks(operand, view.order, block);
  const dims = aligned(operand, output.rank);
  const place = (axis: number): number => dims[view.order.indexOf(axis)]!;
  const [batch, channels, height, width] = [place(0), place(1), place(2), place(3)] as const;
  if (operand.rank === 0) return operand;
  if (channels === 1) {
    const moved = reshape(operand, dims);
    return reshape(toChannelsFirst(moved, view.order), [batch, 1, height, width, 1]);
  }
  return toBlocks(reshape(operand, dims), view.order, block);
}

/** Dimensions with the leading ones that broadcasting adds. */
function aligned(tensor: Tensor, rank: number): number[] {
  return [...Array.from({ length: rank - tensor.rank }, () => 1), ...(tensor.shape as readonly number[])];
}
