import { conv, samePadding } from "../../ops/nn/conv.js";
import { transpose } from "../../ops/shape/transpose.js";
import { reshape } from "../../ops/shape/reshape.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { addKernel, checkKernelOptions, finishKernel, KERNEL_DEFAULTS, type KernelOptions } from "../kernel.js";
import { badOption, knownDim, needAxis, needRank, oneOf, pair, wholeNumber } from "../options.js";
import { DATA_FORMATS, type DataFormat } from "../shape/flatten.js";

/** How borders are treated: no padding, or so that stride 1 keeps the size. */
export type Padding = "valid" | "same";
export const PADDINGS: readonly Padding[] = ["valid", "same"];

/** A number for both axes, or one each for height and width. */
export type Pair = number | readonly [number, number];

/** Options of {@link conv2d}. */
export interface Conv2dOptions extends KernelOptions {
  /** Number of output channels, at least 1. */
  readonly filters: number;
  /** Height and width of the kernel. */
  readonly kernelSize: Pair;
  /** Default 1. */
  readonly strides?: Pair;
  /** Default valid. */
  readonly padding?: Padding;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Distance between kernel taps. Default 1. */
  readonly dilationRate?: Pair;
  /** Channels are cut into this many groups, each with its own filters. Default 1. */
  readonly groups?: number;
}

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * Convolution over height and width: activation(x ∗ kernel + bias), kernel [kh, kw, C / groups, filters].
 *
 * @shape [B,H,W,C] → [B,H',W',filters]
 * @throws SHAPE_MISMATCH when the input is not of four axes, or its channels differ from the kernel's
 * @source ONNX Conv
 * @example
 * const model = sequential([layers.input([8, 8, 1]), layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" })]);
 */
export const conv2d: LayerFactory<Conv2dOptions> = defineLayer({
  className: "Conv2D",
  defaults: {
    filters: required<number>(),
    kernelSize: required<Pair>(),
    strides: 1 as Pair,
    padding: "valid" as Padding,
    dataFormat: "channelsLast" as DataFormat,
    dilationRate: 1 as Pair,
    groups: 1,
    ...KERNEL_DEFAULTS,
  },
  check: (config, where) => {
    const groups = wholeNumber(where, "groups", config.groups);
    const filters = wholeNumber(where, "filters", config.filters);
    if (filters % groups !== 0) throw badOption(where, "filters", `a multiple of groups = ${groups}`, filters);
    return {
      ...checkKernelOptions(config),
      filters,
      groups,
      kernelSize: pair(where, "kernelSize", config.kernelSize),
      strides: pair(where, "strides", config.strides),
      padding: oneOf(where, "padding", config.padding, PADDINGS),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
      dilationRate: pair(where, "dilationRate", config.dilationRate),
    };
  },
  build: (context, shape) => {
    const { config, where } = context;
    const first = config.dataFormat === "channelsFirst";
    needRank(where, shape, 4, first ? "[batch, channels, height, width]" : "[batch, height, width, channels]");
    const channels = knownDim(where, shape, first ? 1 : -1);
    if (channels % config.groups !== 0) {
      throw badOption(where, "groups", `a divisor of the input's ${channels} channels`, config.groups);
    }
    return addKernel(context, [...asPair(config.kernelSize), channels / config.groups, config.filters], config.filters);
  },
  call: (context, input) => {
    const { config, where, weights } = context;
    const first = config.dataFormat === "channelsFirst";
    needRank(where, input.shape, 4, first ? "[batch, channels, height, width]" : "[batch, height, width, channels]");
    needAxis(where, input.shape, first ? 1 : -1, (weights.kernel.shape[2] as number) * config.groups, "channels");
    const x = first ? input : transpose(input, TO_CHANNELS_FIRST); // [B,C,H,W]
    const kernel = transpose(weights.kernel, [3, 2, 0, 1]); // [filters, C/groups, kh, kw]
    const strides = asPair(config.strides);
    const dilations = asPair(config.dilationRate);
    const padding = asPair(config.kernelSize).map((size, i) =>
      config.padding === "valid"
        ? ([0, 0] as const)
        : samePadding(knownDim(where, x.shape, i + 2), size, strides[i]!, dilations[i]!),
    );
    const y = conv(x, kernel, { strides, dilations, padding, groups: config.groups });
    if (!first) return finishKernel(context, transpose(y, TO_CHANNELS_LAST), weights.bias);
    return finishKernel(context, y, weights.bias && reshape(weights.bias, [1, config.filters, 1, 1]));
  },
});

/** Both numbers of a {@link Pair}. */
export function asPair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}
