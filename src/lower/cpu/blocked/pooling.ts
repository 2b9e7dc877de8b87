import type { Node } from "../../../graph/node.js";
import { type Apply, defineOp } from "../../../graph/op.js";
import { mul } from "../../../ops/elementwise/binary.js";
import { type Padding, windowCounts } from "../../../ops/nn/convGeometry.js";
import { averagePool, averagePoolGrad, averagePoolGradFormula, maxPool, maxPoolGrad, maxPoolGradFormula } from "../../../ops/nn/pool.js";
import { repeat, sumRepeats } from "../../../ops/shape/repeat.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { BLOCKED_DOMAIN, shown, toBlocks, type View, viewOf } from "./layout.js";

const FIRST = [0, 1, 2, 3];

type Windows = {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly Padding[];
};

/** An op of the blocked domain that works image by image, from blocks to blocks. */
function imageOp(type: string, attributes: (attrs: Windows) => Record<string, readonly number[]>) {
  return defineOp({
    name: `blocked${type}`,
    call: (apply: Apply<Windows & { sizes: readonly number[] }>) => (x: Tensor, sizes: readonly number[], attrs: Windows) =>
      apply([x], { poolSize: attrs.poolSize, strides: attrs.strides, padding: attrs.padding, sizes })[0],
    infer: ([x], { sizes }) => ({ shape: [x.shape[0]!, x.shape[1]!, ...sizes, x.shape[4]!], dtype: x.dtype }),
    grad: "none",
    lower: (b, [x], { inputs: [blocks], outputs: [y], attrs }) => {
      const [batch, count, height, width, block] = blocks.shape as readonly number[];
      const flat = b.reshape(x, blocks.shape as number[], [batch!, count! * block!, height!, width!]);
      const sizes = y.shape as readonly number[];
      return b.reshape(b.node(type, [flat], attributes(attrs), BLOCKED_DOMAIN), [batch!, count! * block!, sizes[2]!, sizes[3]!], sizes);
    },
  });
}

const windowAttributes = ({ poolSize, strides, padding }: Windows): Record<string, readonly number[]> => ({
  kernel_shape: poolSize,
  strides,
  pads: [...padding.map(([before]) => before), ...padding.map(([, after]) => after)],
});

/** @source ONNX Runtime's blocked MaxPool */
const blockedMaxPool = imageOp("MaxPool", windowAttributes);
/** @source ONNX Runtime's blocked AveragePool */
const blockedAveragePool = imageOp("AveragePool", windowAttributes);
/** @source ONNX Runtime's blocked Upsample, nearest */
const blockedUpsample = imageOp("Upsample", ({ strides }) => ({ scales: [1, 1, ...strides] }));

/** Pooling and enlarging, forward and backward, inside the blocks. */
export function poolBlocks(node: Node, block: number): readonly Tensor[] | undefined {
  if (node.op === repeat || node.op === sumRepeats) return scale(node);
  const view = node.inputs.map(viewOf).find((found) => found !== undefined && found.order.join() === FIRST.join());
  if (view === undefined || node.inputs[0]!.rank !== 4) return undefined;
  const attrs = node.attrs as unknown as Windows;
  const sizes = (node.outputs[0]!.shape as readonly number[]).slice(2);
  if (node.op === maxPool) return [shown({ ...view, blocks: blockedMaxPool(view.blocks, sizes, attrs) })];
  if (node.op === averagePool) return [shown({ ...view, blocks: blockedAveragePool(view.blocks, sizes, attrs) })];
  if (node.op !== maxPoolGrad && node.op !== averagePoolGrad) return undefined;
  const formula = node.op === maxPoolGrad ? maxPoolGradFormula : averagePoolGradFormula;
  const pool = (blocks: Tensor, some: Windows): Tensor => {
    const counts = windowCounts("maxPool", blocks.shape.slice(2, 4) as number[], some.poolSize, { ...some, dilations: [1, 1] });
    return blockedMaxPool(blocks, counts, some);
  };
  const [x, y, g] = node.inputs.map((input) => toBlocks(input, FIRST, block)) as [Tensor, Tensor, Tensor];
  return [shown({ ...view, blocks: formula(x, y, g, attrs, pool) })];
}

/** Images enlarged by whole numbers, or the sums over what was enlarged. */
function scale(node: Node): readonly Tensor[] | undefined {
  const view = viewOf(node.inputs[0]!);
  if (view === undefined || node.inputs[0]!.dtype !== "float32") return undefined;
  const counts = node.attrs["counts"] as readonly number[];
  const along = (axis: number): number => counts[view.order.indexOf(axis)]!;
  if (along(0) !== 1 || along(1) !== 1) return undefined;
  const factors = [along(2), along(3)];
  const windows: Windows = { poolSize: factors, strides: factors, padding: [[0, 0], [0, 0]] };
  const resized = (sizes: readonly number[]): View => {
    if (node.op === repeat) return { ...view, blocks: blockedUpsample(view.blocks, sizes, windows) };
    return { ...view, blocks: mul(blockedAveragePool(view.blocks, sizes, windows), factors[0]! * factors[1]!) };
  };
  return [shown(resized([2, 3].map((axis) => node.outputs[0]!.shape[view.order.indexOf(axis)] as number)))];
}
