import type { Node } from "../../../graph/node.js";
import { concat, split } from "../../../ops/shape/concat.js";
import { pad, type Paddings } from "../../../ops/shape/pad.js";
import { slice } from "../../../ops/shape/slice.js";
import { transpose } from "../../../ops/shape/transpose.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { shown, toBlocks, type View, viewOf } from "./layout.js";

/** Moving, cutting, padding and joining images without leaving the blocks. */
export function reshapeBlocks(node: Node, block: number): readonly Tensor[] | undefined {
  if (node.op === concat) return join(node, block);
  const view = node.inputs.length === 0 ? undefined : viewOf(node.inputs[0]!);
  if (view === undefined) return undefined;
  if (node.op === transpose) {
    const permutation = node.attrs["permutation"] as readonly number[];
    return [shown({ ...view, order: permutation.map((axis) => view.order[axis]!) })];
  }
  if (node.op === pad) return padImages(node, view);
  if (node.op === split) return part(node, view);
  return node.op === slice ? cut(node, view) : undefined;
}

function padImages(node: Node, view: View): readonly Tensor[] | undefined {
  const { paddings, value } = node.attrs as { paddings: Paddings; value: number };
  const inner = inBlocks(paddings, view, [0, 0]);
  if (paddings[view.order.indexOf(1)]!.some((n) => n > 0)) return undefined;
  return [shown({ ...view, blocks: pad(view.blocks, inner, value) })];
}

function cut(node: Node, view: View): readonly Tensor[] | undefined {
  const { starts, sizes, steps } = node.attrs as { starts: number[]; sizes: number[]; steps: number[] };
  const at = view.order.indexOf(1);
  const block = view.blocks.shape[4] as number;
  if (steps[at] !== 1 || starts[at]! % block !== 0) return undefined;
  const [first, channels] = [starts[at]! / block, sizes[at]!];
  if (steps.some((step) => step < 0)) return undefined;
  const ends = starts.map((start, i) => start + (sizes[i]! - 1) * steps[i]! + 1);
  const blocks = slice(
    view.blocks,
    inBlocks(starts, view, 0).map((start, i) => (i === 1 ? first : start)),
    inBlocks(ends, view, block).map((end, i) => (i === 1 ? first + Math.ceil(channels / block) : end)),
    inBlocks(steps, view, 1),
  );
  return [shown({ ...view, blocks, channels })];
}

function part(node: Node, view: View): readonly Tensor[] | undefined {
  const axis = view.order[node.attrs["axis"] as number]!;
  const sizes = node.outputs.map(({ shape }) => shape[node.attrs["axis"] as number] as number);
  const block = view.blocks.shape[4] as number;
  if (axis === 1 && sizes.some((size) => size % block !== 0)) return undefined;
  const parts = split(view.blocks, axis === 1 ? sizes.map((size) => size / block) : sizes, axis);
  return parts.map((blocks, i) => shown({ ...view, blocks, channels: axis === 1 ? sizes[i]! : view.channels }));
}

/** What is said of each axis of the tensor, said of the axes of its blocks; channels get `rest` twice. */
function inBlocks<T>(values: readonly T[], view: View, rest: T): T[] {
  const of = (axis: number): T => values[view.order.indexOf(axis)]!;
  return [of(0), rest, of(2), of(3), rest];
}

function join(node: Node, block: number): readonly Tensor[] | undefined {
  const lead = node.inputs.find((input) => viewOf(input) !== undefined);
  if (lead === undefined) return undefined;
  const view = viewOf(lead)!;
  const axis = view.order[node.attrs["axis"] as number]!;
  const counts = node.inputs.map((input) => input.shape[view.order.indexOf(1)] as number);
  if (axis === 1 && counts.some((count) => count % block !== 0)) return undefined;
  const channels = axis === 1 ? counts.reduce((a, b) => a + b) : view.channels;
  const blocks = concat(node.inputs.map((input) => toBlocks(input, view.order, block)), axis);
  return [shown({ ...view, blocks, channels })];
}
