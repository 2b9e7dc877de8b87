import { type Node, nodeOf } from "../../../graph/node.js";
import { constant } from "../../../ops/elementwise/literal.js";
import { gather } from "../../../ops/indexing/gather.js";
import type { ConvAttrs, Padding } from "../../../ops/nn/convGeometry.js";
import { sum } from "../../../ops/reduce/reduce.js";
import { concat } from "../../../ops/shape/concat.js";
import { pad } from "../../../ops/shape/pad.js";
import { reshape } from "../../../ops/shape/reshape.js";
import { slice, sliceAlong } from "../../../ops/shape/slice.js";
import { transpose } from "../../../ops/shape/transpose.js";
import { concreteShape } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { blockedConv } from "./blockedConv.js";
import { roundUp, shown, toBlocks, turned, viewOf } from "./layout.js";

const FIRST = [0, 1, 2, 3];
/** The most that a batch may grow by filling its last block with zeros. */
const MOST_FILLING = 1.5;

type Attrs = ConvAttrs & { readonly kernelShape: readonly [number, number] };

/**
 * The gradient in the kernel as a convolution over blocks of the batch: channels are its images,
 * and the cotangent is its kernel.
 */
export function convolveKernel(node: Node, block: number): readonly Tensor[] | undefined {
  const [x, g] = node.inputs as [Tensor, Tensor];
  const attrs = node.attrs as unknown as Attrs;
  if (x.rank !== 4 || x.shape.includes(0) || g.shape.includes(0) || !reachesImages(x, g, attrs)) return undefined;
  if (attrs.groups !== 1) return depthwise(x, g, attrs, block);
  const [batch, channels] = concreteShape(x.shape, "blocks") as [number, number];
  const [, filters, height] = concreteShape(g.shape, "blocks") as [number, number, number];
  if (filters % block !== 0) return undefined;
  const pieces = piecesOf(batch, height, block);
  if (pieces === undefined) return undefined;
  const images = inPieces(fitted(x, g, attrs), height, pieces, attrs); // [B',C,H,W]
  const blocks = toBlocks(g, FIRST, block); // [B,O/N,H',W',N]
  const size = height / pieces;
  const cotangents = concat(Array.from({ length: pieces }, (_, i) => rows(blocks, i * size, size)), 0);
  const w = blockedConv(
    { x: batchInBlocks(images, block), kernel: cotangentAsKernel(cotangents) },
    kernelAttrs(attrs, false),
  ); // [C,O/N,kh,kw,N]
  const turnedBack = transpose(w, [2, 3, 0, 1, 4]); // [kh,kw,C,O/N,N]
  return [transpose(reshape(turnedBack, [...attrs.kernelShape, channels, filters]), [3, 2, 0, 1])];
}

/** One kernel a channel: every channel of every image is a group, and the cotangent lies as its kernel already. */
function depthwise(x: Tensor, g: Tensor, attrs: Attrs, block: number): readonly Tensor[] | undefined {
  const [batch, channels] = concreteShape(x.shape, "blocks") as [number, number];
  if (attrs.groups !== channels || g.shape[1] !== channels || channels % block !== 0) return undefined;
  const images = fitted(toBlocks(x, FIRST, block), g, attrs);
  const cotangent = toBlocks(g, FIRST, block);
  const groups = (batch * channels) / block;
  const w = blockedConv(
    {
      x: reshape(images, [1, groups, ...images.shape.slice(2)]),
      kernel: reshape(cotangent, [groups, 1, ...cotangent.shape.slice(2)]),
    },
    kernelAttrs(attrs, true),
  ); // [1,B·C/N,kh,kw,N]
  const total = sum(reshape(w, [batch, channels / block, ...attrs.kernelShape, block]), { axes: 0 }); // [C/N,kh,kw,N]
  return [reshape(transpose(total, [0, 3, 1, 2]), [channels, 1, ...attrs.kernelShape])];
}

function kernelAttrs({ strides, dilations }: Attrs, depthwise: boolean): Parameters<typeof blockedConv>[1] {
  return {
    strides: dilations as [number, number],
    dilations: strides as [number, number],
    padding: [[0, 0], [0, 0]],
    depthwise,
    activation: null,
  };
}

/** How much padding the windows see after each spatial axis; negative for elements that none reaches. */
function paddingAfter(x: Tensor, g: Tensor, { strides, dilations, padding, kernelShape }: Attrs): number[] {
  return [0, 1].map((i) => {
    const reach = ((g.shape[i + 2] as number) - 1) * strides[i]! + (kernelShape[i]! - 1) * dilations[i]! + 1;
    return reach - (x.shape[i + 2] as number) - padding[i]![0];
  });
}

/** Whether the windows see more than the padding before the images. */
function reachesImages(x: Tensor, g: Tensor, attrs: Attrs): boolean {
  return paddingAfter(x, g, attrs).every((after, i) => (x.shape[i + 2] as number) + after > 0);
}

/**
 * Images with the padding that the windows see, and without elements that no window reaches: padding
 * inside the convolution would make every one of its few outputs a border case.
 */
function fitted(x: Tensor, g: Tensor, attrs: Attrs): Tensor {
  const { padding } = attrs;
  const after = paddingAfter(x, g, attrs);
  const spatial = (axis: number): boolean => axis === 2 || axis === 3;
  const ends = x.shape.map((dim, i) => (spatial(i) ? (dim as number) + Math.min(after[i - 2]!, 0) : dim));
  const around = padding.map(([before], i): Padding => [before, Math.max(after[i]!, 0)]) as [Padding, Padding];
  const blocks = x.rank === 5 ? x : wholeBlocks(x);
  if (blocks === undefined || around.flat().every((n) => n === 0)) {
    return pad(slice(x, ends.map(() => 0), ends), ends.map((_, i): Padding => (spatial(i) ? around[i - 2]! : [0, 0])));
  }
  const [, count, , , block] = blocks.shape as readonly number[];
  // A convolution that changes nothing but the size: ONNX Runtime pads with one thread, and convolves with all.
  const kernel = constant(new Float32Array(count! * block!).fill(1), [count!, 1, 1, 1, block!], x.dtype);
  const kept = slice(blocks, blocks.shape.map(() => 0), blocks.shape.map((dim, i) => (spatial(i) ? ends[i]! : dim)));
  const padded = blockedConv({ x: kept, kernel }, { strides: [1, 1], dilations: [1, 1], padding: around, depthwise: true, activation: null });
  return x.rank === 5 ? padded : shown({ blocks: padded, channels: x.shape[1] as number, order: FIRST });
}

/** The blocks of images that lie in some. */
function wholeBlocks(x: Tensor): Tensor | undefined {
  const view = viewOf(x);
  return view?.order.join() === FIRST.join() ? view.blocks : undefined;
}

/** Into how many pieces of equal height to cut images so that they fill blocks; 1 where zeros may fill them. */
function piecesOf(batch: number, height: number, block: number): number | undefined {
  for (let pieces = 1; pieces <= Math.min(block, height); pieces++) {
    if (height % pieces === 0 && (batch * pieces) % block === 0) return pieces;
  }
  return roundUp(batch, block) <= MOST_FILLING * batch ? 1 : undefined;
}

/** Images cut into pieces that give `height / pieces` rows of outputs each, piece after piece along the batch. */
function inPieces(x: Tensor, height: number, pieces: number, { strides, dilations, kernelShape }: Attrs): Tensor {
  if (pieces === 1) return x;
  const step = (height / pieces) * strides[0]!;
  const reach = step - strides[0]! + (kernelShape[0] - 1) * dilations[0]! + 1;
  return concat(Array.from({ length: pieces }, (_, i) => rows(x, i * step, reach)), 0);
}

function rows(x: Tensor, from: number, count: number): Tensor {
  return sliceAlong(x, 2, from, from + count);
}

/** Images with the batch in blocks: [C,B/N,H,W,N]. */
function batchInBlocks(x: Tensor, block: number): Tensor {
  if (nodeOf(x)?.op === transpose) return toBlocks(turned(x, [1, 0, 2, 3]), FIRST, block);
  // As rows that are picked one by one: ONNX Runtime transposes with one thread, and gathers with all.
  const [batch, channels, ...sizes] = concreteShape(x.shape, "blocks") as [number, number, number, number];
  const order = Int32Array.from({ length: batch * channels }, (_, i) => (i % batch) * channels + Math.floor(i / batch));
  const rows = gather(reshape(x, [batch * channels, ...sizes]), constant(order, [order.length], "int32"));
  return toBlocks(reshape(rows, [channels, batch, ...sizes]), FIRST, block);
}

/** The cotangent [B,O/N,H',W',N] as a kernel from the batch to the filters: [O/N,B/N,H',W',N,N]. */
function cotangentAsKernel(blocks: Tensor): Tensor {
  const [batch, count, height, width, block] = blocks.shape as readonly [number, number, number, number, number];
  const full = roundUp(batch, block);
  const filled = pad(blocks, [[0, full - batch], [0, 0], [0, 0], [0, 0], [0, 0]]);
  return transpose(reshape(filled, [full / block, block, count, height, width, block]), [2, 0, 3, 4, 1, 5]);
}
