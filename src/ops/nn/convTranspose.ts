import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import type { Tensor } from "../../tensor/tensor.js";
import { reshape } from "../shape/reshape.js";
import { type ConvOptions, conv, convInputGrad } from "./conv.js";
import { type Padding, perAxis, spatialOf } from "./convGeometry.js";

/** How {@link convTranspose} spreads its input; a plain number counts for each spatial axis. */
export interface ConvTransposeOptions {
  /** Elements of the output from one window to the next, at least 1. Default 1. */
  readonly strides?: number | readonly number[];
  /** Elements of the output from one kernel tap to the next, at least 1. Default 1. */
  readonly dilations?: number | readonly number[];
  /** "valid" keeps all that the windows reach; "same" cuts it to input · stride elements. Default "valid". */
  readonly padding?: "valid" | "same";
  /** Elements beyond the smallest output that fits, less than the stride. Default: as Keras chooses. */
  readonly outputPadding?: number | readonly number[];
  /** Parts that channels are cut into, each seen by its own part of the kernel. Default 1. */
  readonly groups?: number;
}

/**
 * The transposed convolution, by which {@link conv} sends gradients back:
 * z[b, c, i·stride + t·dilation − before] += x[b,o,i] · kernel[o,c,t].
 *
 * With extent = (K − 1)·dilation + 1, the output has (S − 1)·stride + extent + outputPadding elements
 * for "valid" and (S − 1)·stride + extent mod 2 + outputPadding for "same". Without outputPadding it
 * has (S − 1)·stride + max(extent, stride) and S·stride.
 *
 * @throws SHAPE_MISMATCH when outputPadding is not less than the stride
 * @shape [B,I,...S], [I,O/groups,...K] → [B,O,...]
 * @example
 * console.log(await ops.convTranspose([[[1, 2]]], [[[1, 10]]]).toArray()); // [[[1, 12, 20]]]
 */
export function convTranspose(x: TensorLike, kernel: TensorLike, options: ConvTransposeOptions = {}): Tensor {
  const [value, weights] = [toTensor(x), toTensor(kernel)];
  const op = "convTranspose";
  const sizes = spatialOf(value, op);
  const taps = spatialOf(weights, op);
  const strides = perAxis(op, "strides", options.strides ?? 1, sizes.length);
  const dilations = perAxis(op, "dilations", options.dilations ?? 1, sizes.length);
  const extra = outputPaddings(options.outputPadding, strides);
  const padding: Padding[] = [];
  const inputShape = sizes.map((size, i) => {
    const extent = (taps[i]! - 1) * dilations[i]! + 1;
    const reach = (size - 1) * strides[i]! + extent;
    const smallest = options.padding === "same" ? (size - 1) * strides[i]! + (extent % 2) : reach;
    const keras = options.padding === "same" ? size * strides[i]! : Math.max(reach, size * strides[i]!);
    const outputs = extra === undefined ? keras : smallest + extra[i]!;
    const cut = Math.max(0, reach - outputs);
    padding.push([Math.floor(cut / 2), cut - Math.floor(cut / 2)]);
    return outputs;
  });
  return convInputGrad(value, weights, { strides, dilations, padding, groups: options.groups ?? 1, inputShape });
}

function outputPaddings(value: number | readonly number[] | undefined, strides: readonly number[]): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const list = typeof value === "number" ? strides.map(() => value) : value;
  const fits = list.length === strides.length && list.every((n, i) => Number.isInteger(n) && n >= 0 && n < strides[i]!);
  if (fits) return list;
  throw shapeError("convTranspose", `an outputPadding from 0 to the stride less 1, for strides [${strides.join(", ")}]`, [list]);
}

/**
 * A convolution of each channel by itself, with `M` kernels a channel:
 * y[b, c·M + m, i] = Σₜ x[b, c, i·stride + t·dilation − before] · kernel[c,m,t].
 *
 * @shape [B,C,...S], [C,M,...K] → [B,C·M,...⌊(before + S + after − (K−1)·dilation − 1) / stride⌋ + 1]
 * @example
 * console.log(await ops.depthwiseConv([[[1, 2], [3, 4]]], [[[1, 1]], [[10, 10]]]).toArray()); // [[[3], [70]]]
 */
export function depthwiseConv(x: TensorLike, kernel: TensorLike, options: Omit<ConvOptions, "groups"> = {}): Tensor {
  const weights = toTensor(kernel);
  const taps = spatialOf(weights, "depthwiseConv");
  const [channels, multiplier] = weights.shape as readonly [number, number];
  return conv(x, reshape(weights, [channels * multiplier, 1, ...taps]), { ...options, groups: channels });
}
