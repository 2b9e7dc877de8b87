import { type Apply, defineOp } from "../../../graph/op.js";
import type { Padding } from "../../../ops/nn/convGeometry.js";
import { reshape } from "../../../ops/shape/reshape.js";
import { transpose } from "../../../ops/shape/transpose.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { BLOCKED_DOMAIN } from "./layout.js";

/** How a kernel moves, and what follows the products. */
export type BlockedConvAttrs = {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: readonly [Padding, Padding];
  /** Whether every channel has a kernel of its own. */
  readonly depthwise: boolean;
  readonly activation: "Relu" | null;
};

export interface BlockedConvOperands {
  /** Blocked images, or plain ones [B,C,H,W] of fewer channels than a block has. */
  readonly x: Tensor;
  /** As {@link blockKernel} gives it, or [C/N,1,kh,kw,N] for a depthwise one. */
  readonly kernel: Tensor;
  /** [O] */
  readonly bias?: Tensor | undefined;
  /** Added before the activation, of the result's shape. */
  readonly addend?: Tensor | undefined;
}

/** Convolution of blocked images. @source ONNX Runtime Conv of the domain com.microsoft.nchwc */
export const blockedConv = defineOp({
  name: "blockedConv",
  call:
    (apply: Apply<BlockedConvAttrs & { readonly biased: boolean }>) =>
    ({ x, kernel, bias, addend }: BlockedConvOperands, attrs: BlockedConvAttrs): Tensor =>
      apply([x, kernel, ...(bias === undefined ? [] : [bias]), ...(addend === undefined ? [] : [addend])], {
        ...attrs,
        biased: bias !== undefined,
      })[0],
  infer: ([x, kernel], { strides, dilations, padding }) => {
    const sizes = x.shape.slice(2, 4).map((size, i) => {
      const extent = ((kernel.shape[i + 2] as number) - 1) * dilations[i]! + 1;
      return Math.floor((padding[i]![0] + (size as number) + padding[i]![1] - extent) / strides[i]!) + 1;
    });
    return { shape: [x.shape[0]!, kernel.shape[0]!, ...sizes, kernel.shape.at(-1)!], dtype: x.dtype };
  },
  grad: "none",
  lower: (b, operands, { inputs, outputs: [y], attrs: { strides, dilations, padding, depthwise, activation, biased } }) => {
    const flat = (tensor: Tensor): number[] => {
      const [batch, count, height, width, block] = tensor.shape as readonly number[];
      return [batch!, count! * block!, height!, width!];
    };
    const [x, kernel] = inputs;
    const [rows, columns] = kernel.shape.slice(2, 4) as [number, number];
    const filters = (kernel.shape[0] as number) * (kernel.shape.at(-1) as number);
    const perGroup = depthwise ? 1 : (kernel.shape[1] as number) * (kernel.rank === 6 ? (kernel.shape[4] as number) : 1);
    const rest = operands.slice(2);
    const [bias, addend] = biased ? rest : [undefined, ...rest];
    const given = [
      x.rank === 5 ? b.reshape(operands[0], x.shape as number[], flat(x)) : operands[0],
      b.reshape(operands[1], kernel.shape as number[], [filters, perGroup, rows, columns]),
      bias ?? null,
      addend === undefined ? null : b.reshape(addend, inputs.at(-1)!.shape as number[], flat(inputs.at(-1)!)),
    ];
    while (given.at(-1) === null) given.pop();
    const result = b.node(
      "Conv",
      given,
      {
        kernel_shape: [rows, columns],
        strides,
        dilations,
        pads: [padding[0][0], padding[1][0], padding[0][1], padding[1][1]],
        group: depthwise ? filters : 1,
        activation: activation ?? undefined,
      },
      BLOCKED_DOMAIN,
    );
    return b.reshape(result, flat(y), y.shape as number[]);
  },
});

/**
 * A kernel as blocked convolutions read it.
 *
 * @shape [kh,kw,C,O] → [O/N,C/N,kh,kw,N,N], the input channel before the output channel; without
 * `blockInputs` → [O/N,C,kh,kw,N]
 */
export function blockKernel(kernel: Tensor, block: number, blockInputs: boolean): Tensor {
  const [rows, columns, channels, filters] = kernel.shape as readonly [number, number, number, number];
  if (!blockInputs) {
    const cut = reshape(kernel, [rows, columns, channels, filters / block, block]);
    return transpose(cut, [3, 2, 0, 1, 4]);
  }
  const cut = reshape(kernel, [rows, columns, channels / block, block, filters / block, block]);
  return transpose(cut, [4, 2, 0, 1, 3, 5]);
}
