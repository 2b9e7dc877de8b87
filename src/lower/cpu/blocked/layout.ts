import { nodeOf } from "../../../graph/node.js";
import { type Apply, defineOp } from "../../../graph/op.js";
import { pad } from "../../../ops/shape/pad.js";
import { transpose } from "../../../ops/shape/transpose.js";
import { concreteShape } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";

/** The domain of ONNX Runtime's own ops on images in blocks of channels. */
export const BLOCKED_DOMAIN = "com.microsoft.nchwc";

/** The order of axes [B,C,H,W] that blocks are made of. */
const CHANNELS_FIRST = [0, 1, 2, 3];

/** Images [B,C,H,W] cut into blocks of channels [B,C/N,H,W,N]; C is a multiple of N. @source ONNX Runtime ReorderInput */
export const blockOp = defineOp({
  name: "block",
  call: (apply: Apply<{ block: number }>) => (x: Tensor, block: number) => apply([x], { block })[0],
  infer: ([x], { block }) => {
    const [batch, channels, height, width] = x.shape as readonly number[];
    return { shape: [batch!, channels! / block, height!, width!, block], dtype: x.dtype };
  },
  grad: "none",
  lower: (b, [x], { inputs: [image], outputs: [blocks], attrs: { block } }) => {
    if (image.dtype === "float32") {
      return b.reshape(b.node("ReorderInput", [x], {}, BLOCKED_DOMAIN), image.shape as number[], blocks.shape as number[]);
    }
    const [batch, channels, height, width] = image.shape as readonly number[];
    const cut = b.node("Reshape", [x, b.int64s([batch!, channels! / block, block, height!, width!])]);
    return b.node("Transpose", [cut], { perm: [0, 1, 3, 4, 2] });
  },
});

/** The first `channels` channels of blocked images [B,⌈C/N⌉,H,W,N] as [B,C,H,W]. @source ONNX Runtime ReorderOutput */
const unblockOp = defineOp({
  name: "unblock",
  call: (apply: Apply<{ channels: number }>) => (x: Tensor, channels: number) => apply([x], { channels })[0],
  infer: ([x], { channels }) => ({ shape: [x.shape[0]!, channels, x.shape[2]!, x.shape[3]!], dtype: x.dtype }),
  grad: "none",
  lower: (b, [x], { inputs: [blocks], attrs: { channels } }) => {
    const [batch, count, height, width, block] = blocks.shape as readonly number[];
    if (blocks.dtype === "float32") {
      const flat = b.reshape(x, blocks.shape as number[], [batch!, count! * block!, height!, width!]);
      return b.node("ReorderOutput", [flat], { channels }, BLOCKED_DOMAIN);
    }
    const moved = b.node("Transpose", [x], { perm: [0, 1, 4, 2, 3] });
    const flat = b.node("Reshape", [moved, b.int64s([batch!, count! * block!, height!, width!])]);
    return b.node("Slice", [flat, b.int64s([0]), b.int64s([channels]), b.int64s([1])]);
  },
});

/** Images held in blocks: the blocks, how many channels count, and where each axis of the tensor lies in [B,C,H,W]. */
export interface View {
  readonly blocks: Tensor;
  readonly channels: number;
  readonly order: readonly number[];
}

/** How a tensor lies in blocks, where a rule has put it there. */
export function viewOf(tensor: Tensor): View | undefined {
  const node = nodeOf(tensor);
  if (node === undefined) return undefined;
  if (node.op === unblockOp) {
    return { blocks: node.inputs[0]!, channels: node.attrs["channels"] as number, order: CHANNELS_FIRST };
  }
  if (node.op !== transpose) return undefined;
  const inner = nodeOf(node.inputs[0]!);
  if (inner?.op !== unblockOp) return undefined;
  const order = node.attrs["permutation"] as readonly number[];
  return { blocks: inner.inputs[0]!, channels: inner.attrs["channels"] as number, order };
}

/** The tensor that a view shows. Nobody computes it unless somebody needs it outside the blocks. */
export function shown({ blocks, channels, order }: View): Tensor {
  return transpose(unblockOp(blocks, channels), order);
}

/** A tensor as blocks, from its place in [B,C,H,W]; channels are filled up with zeros. */
export function toBlocks(tensor: Tensor, order: readonly number[], block: number): Tensor {
  const view = viewOf(tensor);
  if (view !== undefined && view.order.join() === order.join()) return view.blocks;
  const images = toChannelsFirst(tensor, order);
  const [, channels] = concreteShape(images.shape, "blocks") as [number, number];
  const rest = roundUp(channels, block) - channels;
  return blockOp(pad(images, [[0, 0], [0, rest], [0, 0], [0, 0]]), block);
}

/** A tensor whose axes lie at `order` of [B,C,H,W], as [B,C,H,W]. */
export function toChannelsFirst(tensor: Tensor, order: readonly number[]): Tensor {
  return turned(tensor, order.map((_, axis) => order.indexOf(axis)));
}

/** `transpose`, as one with the transpose that made the tensor. */
export function turned(tensor: Tensor, permutation: readonly number[]): Tensor {
  const node = nodeOf(tensor);
  if (node?.op !== transpose) return transpose(tensor, permutation);
  const inner = node.attrs["permutation"] as readonly number[];
  return transpose(node.inputs[0]!, permutation.map((axis) => inner[axis]!));
}

export function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step;
}
