import type { Node } from "../../../graph/node.js";
import type { ConvAttrs, Padding } from "../../../ops/nn/convGeometry.js";
import { pad } from "../../../ops/shape/pad.js";
import { reshape } from "../../../ops/shape/reshape.js";
import { slice } from "../../../ops/shape/slice.js";
import { transpose } from "../../../ops/shape/transpose.js";
import { concreteShape } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { blockedConv } from "./blockedConv.js";
import { toBlocks, turned } from "./layout.js";

/**
 * The gradient in the kernel as a convolution over blocks of the batch: channels are its images,
 * and the cotangent is its kernel.
 */
export function convolveKernel(node: Node, block: number): readonly Tensor[] | undefined {
  const [x, g] = node.inputs as [Tensor, Tensor];
  const { strides, dilations, padding, groups, kernelShape } = node.attrs as unknown as ConvAttrs & {
    readonly kernelShape: readonly [number, number];
  };
  if (x.rank !== 4 || groups !== 1 || x.shape.includes(0) || g.shape.includes(0)) return undefined;
  const [batch, channels, ...sizes] = concreteShape(x.shape, "blocks") as [number, number, number, number];
  const [, filters, ...counts] = concreteShape(g.shape, "blocks") as [number, number, number, number];
  if (batch % block !== 0 || filters % block !== 0) return undefined;
  // Elements at the end that no window reaches would give taps that the kernel does not have.
  const pads = sizes.map((size, i): Padding => {
    const reach = (counts[i]! - 1) * strides[i]! + (kernelShape[i]! - 1) * dilations[i]! + 1;
    return [padding[i]![0], reach - size - padding[i]![0]];
  }) as [Padding, Padding];
  // Padding inside the convolution would make every one of its few outputs a border case.
  const images = fitted(batchInBlocks(x, block), pads); // [C,B/N,H,W,N]
  const w = blockedConv(
    { x: images, kernel: cotangentAsKernel(g, block) },
    {
      strides: dilations as [number, number],
      dilations: strides as [number, number],
      padding: [[0, 0], [0, 0]],
      depthwise: false,
      activation: null,
    },
  ); // [C,O/N,kh,kw,N]
  const turnedBack = transpose(w, [2, 3, 0, 1, 4]); // [kh,kw,C,O/N,N]
  return [transpose(reshape(turnedBack, [...kernelShape, channels, filters]), [3, 2, 0, 1])];
}

/** Blocked images with padding around them, or without what negative padding leaves out. */
function fitted(images: Tensor, pads: readonly [Padding, Padding]): Tensor {
  const ends = images.shape.map((dim, i) => (i === 2 || i === 3 ? (dim as number) + Math.min(pads[i - 2]![1], 0) : dim));
  const kept = slice(images, images.shape.map(() => 0), ends);
  return pad(kept, [[0, 0], [0, 0], ...pads.map(([before, after]): Padding => [before, Math.max(after, 0)]), [0, 0]]);
}

/** Images with the batch in blocks: [C,B/N,H,W,N]. */
function batchInBlocks(x: Tensor, block: number): Tensor {
  return toBlocks(turned(x, [1, 0, 2, 3]), [0, 1, 2, 3], block);
}

/** The cotangent [B,O,H',W'] as a kernel from the batch to the filters: [O/N,B/N,H',W',N,N]. */
function cotangentAsKernel(g: Tensor, block: number): Tensor {
  const blocks = toBlocks(g, [0, 1, 2, 3], block); // [B,O/N,H',W',N]
  const [batch, count, height, width] = blocks.shape as readonly [number, number, number, number];
  return transpose(reshape(blocks, [batch / block, block, count, height, width, block]), [2, 0, 3, 4, 1, 5]);
}
