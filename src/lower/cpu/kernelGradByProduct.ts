import type { Node } from "../../graph/node.js";
import { matmul } from "../../ops/matrix/matmul.js";
import { convKernelGrad } from "../../ops/nn/conv.js";
import { concat } from "../../ops/shape/concat.js";
import { type Paddings, pad } from "../../ops/shape/pad.js";
import { reshape } from "../../ops/shape/reshape.js";
import { slice } from "../../ops/shape/slice.js";
import { transpose } from "../../ops/shape/transpose.js";
import { concreteShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Rule } from "../rule.js";

interface KernelGradAttrs {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: Paddings;
  readonly groups: number;
  readonly kernelShape: readonly number[];
}

/** Below this batch the innermost runs are too short to pay for the rearrangement. */
const LEAST_BATCH = 16;
/** The largest windows measured to be worth it held 4.5 million elements; far larger ones were not tried. */
const MOST_ELEMENTS = 2 ** 23;

/**
 * The kernel gradient of a 2d convolution as one matrix product: with the batch innermost, the
 * windows are slices of long runs, and w = g · windowsᵀ.
 */
export const kernelGradByProduct: Rule = {
  name: "kernelGradByProduct",
  rewrite: (node) => (node.op === convKernelGrad ? rewrite(node) : undefined),
};

function rewrite(node: Node): readonly Tensor[] | undefined {
  const [x, g] = node.inputs as [Tensor, Tensor];
  const { strides, dilations, padding, groups, kernelShape } = node.attrs as unknown as KernelGradAttrs;
  if (groups !== 1 || x.rank !== 4 || padding.flat().some((n) => n < 0)) return undefined;
  const [batch, channels] = concreteShape(x.shape, "kernel gradient") as [number, number];
  const [, filters, height, width] = concreteShape(g.shape, "kernel gradient") as [number, number, number, number];
  if (batch < LEAST_BATCH || height * width === 0) return undefined;
  const columns = height * width * batch;
  if (channels * kernelShape[0]! * kernelShape[1]! * columns > MOST_ELEMENTS) return undefined;
  const innermost = pad(transpose(x, [1, 2, 3, 0]), [[0, 0], ...padding, [0, 0]]); // [C,H,W,B]
  const taps: Tensor[] = [];
  for (let i = 0; i < kernelShape[0]!; i++) {
    for (let j = 0; j < kernelShape[1]!; j++) {
      const [top, left] = [i * dilations[0]!, j * dilations[1]!];
      const window = slice(
        innermost,
        [0, top, left, 0],
        [channels, top + (height - 1) * strides[0]! + 1, left + (width - 1) * strides[1]! + 1, batch],
        [1, strides[0]!, strides[1]!, 1],
      ); // [C,H',W',B]
      taps.push(reshape(window, [channels, 1, columns]));
    }
  }
  const windows = reshape(concat(taps, 1), [channels * taps.length, columns]); // [C·K, H'·W'·B]
  const cotangent = reshape(transpose(g, [1, 2, 3, 0]), [filters, columns]);
  const product = matmul(cotangent, windows, { transposeB: true }); // [filters, C·K]
  return [reshape(product, [filters, channels, ...kernelShape])];
}
