import { Node } from "../../../graph/node.js";
import { type Apply, defineOp } from "../../../graph/op.js";
import { mul } from "../../../ops/elementwise/binary.js";
import { max, mean, min, sum } from "../../../ops/reduce/reduce.js";
import { reshape } from "../../../ops/shape/reshape.js";
import { slice } from "../../../ops/shape/slice.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { BLOCKED_DOMAIN, type View, viewOf } from "./layout.js";

/** The mean of each channel of each image. @shape [B,C/N,H,W,N] → [B,C/N,1,1,N] @source ONNX Runtime's blocked GlobalAveragePool */
const imageMeans = defineOp({
  name: "imageMeans",
  call: (apply: Apply) => (x: Tensor) => apply([x])[0],
  infer: ([x]) => ({ shape: [x.shape[0]!, x.shape[1]!, 1, 1, x.shape[4]!], dtype: x.dtype }),
  grad: "none",
  lower: (b, [x], { inputs: [blocks], outputs: [y] }) => {
    const [batch, count, height, width, block] = blocks.shape as readonly number[];
    const flat = b.reshape(x, blocks.shape as number[], [batch!, count! * block!, height!, width!]);
    return b.reshape(b.node("GlobalAveragePool", [flat], {}, BLOCKED_DOMAIN), [batch!, count! * block!, 1, 1], y.shape as number[]);
  },
});

/** Reductions over whole images, or over all channels: what is left is small or in order. */
export function reduceBlocks(node: Node): readonly Tensor[] | undefined {
  if (node.op !== sum && node.op !== mean && node.op !== max && node.op !== min) return undefined;
  const [input] = node.inputs as [Tensor];
  const view = viewOf(input);
  if (view === undefined) return undefined;
  const axes = (node.attrs["axes"] as readonly number[]).map((axis) => view.order[axis]!);
  const wholeImages = [2, 3].every((axis) => axes.includes(axis) || view.blocks.shape[axis] === 1);
  const padded = view.blocks.shape[1]! as number * (view.blocks.shape[4]! as number) !== view.channels;
  if (axes.includes(1) ? padded : !wholeImages) return undefined;
  const reduced = reduce(node, view, axes);
  const [output] = node.outputs as [Tensor];
  if (axes.includes(1)) {
    // [B,1,H,W,1] with fewer axes: the order of B, H, W is the tensor's own, or all but one are gone.
    const kept = view.order.filter((axis) => axis !== 1 && !axes.includes(axis));
    return kept.every((axis, i) => i === 0 || kept[i - 1]! < axis) ? [reshape(reduced, output.shape)] : undefined;
  }
  // [B,C/N,1,1,N]: with B gone too, or before C, this is [B,C] in order.
  if (!axes.includes(0) && view.order.indexOf(0) > view.order.indexOf(1)) return undefined;
  const [batch, count, , , block] = reduced.shape as readonly [number, number, number, number, number];
  const rows = reshape(reduced, [batch, count * block]);
  return [reshape(slice(rows, [0, 0], [batch, view.channels]), output.shape)];
}

function reduce(node: Node, { blocks }: View, axes: readonly number[]): Tensor {
  const inner = axes.flatMap((axis) => (axis === 1 ? [1, 4] : [axis])).sort((a, b) => a - b);
  const averages = (node.op === mean || node.op === sum) && blocks.dtype === "float32";
  if (!averages || axes.includes(1) || !axes.includes(2) || !axes.includes(3)) {
    return new Node(node.op, [blocks], { axes: inner, keepDims: true }).outputs[0]!;
  }
  const images = imageMeans(blocks);
  const scaled = node.op === mean ? images : mul(images, (blocks.shape[2] as number) * (blocks.shape[3] as number));
  return axes.includes(0) ? new Node(node.op, [scaled], { axes: [0], keepDims: true }).outputs[0]! : scaled;
}
