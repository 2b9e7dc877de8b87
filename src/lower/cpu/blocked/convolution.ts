import type { Node } from "../../../graph/node.js";
import type { ConvAttrs, Padding } from "../../../ops/nn/convGeometry.js";
import { concat } from "../../../ops/shape/concat.js";
import { zeros } from "../../../ops/shape/fill.js";
import { pad } from "../../../ops/shape/pad.js";
import { expandDims, reshape } from "../../../ops/shape/reshape.js";
import { flip, slice } from "../../../ops/shape/slice.js";
import { transpose } from "../../../ops/shape/transpose.js";
import { concreteShape } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { type BlockedConvAttrs, blockedConv, blockKernel } from "./blockedConv.js";
import { roundUp, shown, toBlocks, turned, viewOf } from "./layout.js";

const FIRST = [0, 1, 2, 3];

/** The convolution over blocks, with images of few channels read as they are. */
export function convolve(node: Node, block: number): readonly Tensor[] | undefined {
  const [x, kernel] = node.inputs as [Tensor, Tensor];
  const { strides, dilations, padding, groups } = node.attrs as unknown as ConvAttrs;
  if (x.rank !== 4 || !worthBlocks(x, kernel, groups, block)) return undefined;
  const filters = kernel.shape[0] as number;
  const y = convolveBlocks(x, turned(kernel, [2, 3, 1, 0]), block, {
    strides: strides as [number, number],
    dilations: dilations as [number, number],
    padding: padding as [Padding, Padding],
    depthwise: groups !== 1,
    activation: null,
  });
  return [shown({ blocks: y, channels: filters, order: FIRST })];
}

/** The gradient in the images, as convolutions: one for each phase of the strides. */
export function convolveBack(node: Node, block: number): readonly Tensor[] | undefined {
  const [g, kernel] = node.inputs as [Tensor, Tensor];
  const attrs = node.attrs as unknown as ConvAttrs & { readonly inputShape: readonly number[] };
  const { strides, dilations, padding, groups, inputShape } = attrs;
  const depthwise = groups !== 1;
  if (g.rank !== 4 || !worthBlocks(g, depthwise ? kernel : transpose(kernel, [1, 0, 2, 3]), groups, block)) return undefined;
  if (dilations.some((dilation, i) => dilation > 1 && strides[i]! > 1)) return undefined;
  const taps = concreteShape(kernel.shape.slice(2), "blocks");
  const counts = concreteShape(g.shape.slice(2), "blocks");
  const backwards = turned(kernel, depthwise ? [2, 3, 1, 0] : [2, 3, 0, 1]); // [kh,kw,O,C], or [kh,kw,1,C]
  const [, , outputs, channels] = backwards.shape as readonly [number, number, number, number];
  const [down, across] = [0, 1].map((i) =>
    phases(taps[i]!, strides[i]!, dilations[i]!, padding[i]![0], inputShape[i]!, counts[i]!),
  ) as [Phase[], Phase[]];
  const rows = down.map((row) =>
    interleave(
      across.map((column) => {
        if (row.taps === 0 || column.taps === 0) return null;
        const part = flip(slice(backwards, [row.first, column.first, 0, 0], [taps[0]!, taps[1]!, outputs, channels], [strides[0]!, strides[1]!, 1, 1]), [0, 1]);
        const cut = cropped(g, [row.padding, column.padding], block);
        return convolveBlocks(cut.g, part, block, {
          strides: [1, 1],
          dilations: dilations as [number, number],
          padding: cut.padding,
          depthwise,
          activation: null,
        });
      }),
      3,
      inputShape[1]!,
    ),
  );
  const z = interleave(rows, 2, inputShape[0]!);
  if (z === null) return undefined;
  return [shown({ blocks: z, channels, order: FIRST })];
}

/** A stride-1 convolution's or a strided one's blocks: kernel [kh,kw,C,O] with any numbers of channels. */
function convolveBlocks(x: Tensor, kernel: Tensor, block: number, attrs: BlockedConvAttrs): Tensor {
  const [rows, columns, channels, filters] = kernel.shape as readonly [number, number, number, number];
  if (attrs.depthwise) {
    const cut = reshape(kernel, [rows, columns, filters / block, block]);
    return blockedConv({ x: x.rank === 5 ? x : toBlocks(x, FIRST, block), kernel: expandDims(transpose(cut, [2, 0, 1, 3]), 1) }, attrs);
  }
  const plain = viewOf(x) === undefined && x.rank === 4 && channels < block;
  const inputs = plain ? channels : roundUp(channels, block);
  const full = pad(kernel, [[0, 0], [0, 0], [0, inputs - channels], [0, roundUp(filters, block) - filters]]);
  const images = x.rank === 5 || plain ? x : toBlocks(x, FIRST, block);
  return blockedConv({ x: images, kernel: blockKernel(full, block, !plain) }, attrs);
}

/** Blocks pay where few of their channels are padding. */
function worthBlocks(x: Tensor, kernel: Tensor, groups: number, block: number): boolean {
  const [filters, channels] = concreteShape(kernel.shape, "blocks") as [number, number];
  if (x.shape.includes(0) || kernel.shape.includes(0)) return false;
  if (groups !== 1) return groups === filters && channels === 1 && groups % block === 0;
  const inBlocks = viewOf(x) !== undefined;
  const inputs = channels < block && !inBlocks ? channels : roundUp(channels, block);
  const waste = (inputs * roundUp(filters, block)) / (channels * filters);
  return waste <= 1.5 || (inBlocks && channels >= block);
}

/** The output elements of one axis that agree modulo the stride, and the taps that reach them. */
interface Phase {
  readonly first: number;
  readonly taps: number;
  readonly padding: Padding;
}

function phases(taps: number, stride: number, dilation: number, before: number, size: number, count: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, phase) => {
    const first = (phase + before) % stride;
    const number = Math.max(0, Math.ceil((taps - first) / stride));
    const shift = (phase + before - first) / stride;
    const places = Math.ceil((size - phase) / stride);
    return { first, taps: number, padding: [(number - 1) * dilation - shift, places - 1 + shift - (count - 1)] };
  });
}

/** Negative padding as fewer elements: the convolution refuses it. */
function cropped(g: Tensor, wanted: readonly [Padding, Padding], block: number): { g: Tensor; padding: [Padding, Padding] } {
  const padding = wanted.map(([before, after]): Padding => [Math.max(before, 0), Math.max(after, 0)]) as [Padding, Padding];
  if (wanted.flat().every((n) => n >= 0)) return { g, padding };
  const blocks = viewOf(g) === undefined && (g.shape[1] as number) < block ? g : toBlocks(g, FIRST, block);
  const starts = blocks.shape.map((_, i) => (i === 2 || i === 3 ? Math.max(-wanted[i - 2]![0], 0) : 0));
  const ends = blocks.shape.map((dim, i) => (i === 2 || i === 3 ? (dim as number) + Math.min(wanted[i - 2]![1], 0) : dim));
  return { g: slice(blocks, starts, ends), padding };
}

/** Phases of an axis woven together; null stands for zeros. */
function interleave(parts: readonly (Tensor | null)[], axis: number, size: number): Tensor | null {
  const known = parts.find((part) => part !== null);
  if (known === undefined || parts.length === 1) return known ?? null;
  const rows = Math.ceil(size / parts.length);
  const shape = known.shape.map((dim, i) => (i === axis ? rows : dim));
  const lifted = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  const full = parts.map((part) => {
    if (part === null) return zeros(lifted, known.dtype);
    const missing = rows - (part.shape[axis] as number);
    return reshape(pad(part, part.shape.map((_, i) => (i === axis ? [0, missing] : [0, 0]))), lifted);
  });
  const woven = reshape(concat(full, axis + 1), shape.map((dim, i) => (i === axis ? rows * parts.length : dim)));
  return slice(woven, woven.shape.map(() => 0), woven.shape.map((dim, i) => (i === axis ? size : dim)));
}
