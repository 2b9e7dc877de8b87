import { conv } from "../../ops/nn/conv.js";
import { transpose } from "../../ops/shape/transpose.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { addKernel, KERNEL_DEFAULTS, type KernelOptions } from "../kernel.js";
import { badOption, knownDim, needAxis, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";
import {
  channelAxis,
  channelsToFront,
  type DataFormat,
  needSpatial,
  type Padding,
  type Pair,
  type PerAxis,
  perAxis,
  type Single,
  type Triple,
  windowPads,
} from "../spatial.js";
import { checkWindows, finishChannels, WINDOW_DEFAULTS } from "./window.js";

/** Options of {@link conv1d}, {@link conv2d} and {@link conv3d}. */
export interface ConvOptions<S extends PerAxis, P extends string = Padding> extends KernelOptions {
  /** Number of output channels, at least 1. */
  readonly filters: number;
  /** Size of the kernel on each spatial axis. */
  readonly kernelSize: S;
  /** Elements from one window to the next. Default 1. */
  readonly strides?: S;
  /** Default valid. In one dimension also causal: an output sees no later input. */
  readonly padding?: P;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Distance between kernel taps. Default 1. */
  readonly dilationRate?: S;
  /** Channels are cut into this many groups, each with its own filters. Default 1. */
  readonly groups?: number;
}

export type Conv1dOptions = ConvOptions<Single, Padding | "causal">;
export type Conv2dOptions = ConvOptions<Pair>;
export type Conv3dOptions = ConvOptions<Triple>;

function convolution(className: string, rank: number): LayerFactory<ConvOptions<PerAxis, Padding | "causal">> {
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: { filters: required<number>(), ...WINDOW_DEFAULTS, groups: 1, ...KERNEL_DEFAULTS },
    check: (config, where) => {
      const groups = wholeNumber(where, "groups", config.groups);
      const filters = wholeNumber(where, "filters", config.filters);
      if (filters % groups !== 0) throw badOption(where, "filters", `a multiple of groups = ${groups}`, filters);
      return { ...resolveNames(config), ...checkWindows(config, where, rank, rank === 1), filters, groups };
    },
    build: (context, shape) => {
      const { config, where } = context;
      needSpatial(where, shape, rank, config.dataFormat);
      const channels = knownDim(where, shape, channelAxis(config.dataFormat));
      if (channels % config.groups !== 0) {
        throw badOption(where, "groups", `a divisor of the input's ${channels} channels`, config.groups);
      }
      const taps = perAxis(config.kernelSize, rank);
      return addKernel(context, [...taps, channels / config.groups, config.filters], config.filters);
    },
    call: (context, input) => {
      const { config, where, weights } = context;
      needSpatial(where, input.shape, rank, config.dataFormat);
      const channels = (weights.kernel.shape[rank] as number) * config.groups;
      needAxis(where, input.shape, channelAxis(config.dataFormat), channels, "channels");
      const x = channelsToFront(input, config.dataFormat); // [B,C,...S]
      const spatial = Array.from({ length: rank }, (_, i) => i);
      const kernel = transpose(weights.kernel, [rank + 1, rank, ...spatial]); // [filters, C/groups, ...K]
      const { strides, dilationRate: dilations, groups } = config;
      const y = conv(x, kernel, { strides, dilations, padding: windowPads(where, x.shape, config), groups });
      return finishChannels(context, y, weights.bias);
    },
  });
}

/**
 * Convolution over time: activation(x ∗ kernel + bias), kernel [k, C / groups, filters].
 *
 * @shape [B,T,C] → [B,T',filters]
 * @throws SHAPE_MISMATCH when the input is not of three axes, or its channels differ from the kernel's
 * @source ONNX Conv
 * @example
 * const model = sequential([layers.input([16, 2]), layers.conv1d({ filters: 4, kernelSize: 3, padding: "causal" })]);
 */
export const conv1d: LayerFactory<Conv1dOptions> = convolution("Conv1D", 1);

/**
 * Convolution over height and width: activation(x ∗ kernel + bias), kernel [kh, kw, C / groups, filters].
 *
 * @shape [B,H,W,C] → [B,H',W',filters]
 * @throws SHAPE_MISMATCH when the input is not of four axes, or its channels differ from the kernel's
 * @source ONNX Conv
 * @example
 * const model = sequential([layers.input([8, 8, 1]), layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" })]);
 */
export const conv2d: LayerFactory<Conv2dOptions> = convolution("Conv2D", 2);

/**
 * Convolution over a volume: activation(x ∗ kernel + bias), kernel [kd, kh, kw, C / groups, filters].
 *
 * @shape [B,D,H,W,C] → [B,D',H',W',filters]
 * @throws SHAPE_MISMATCH when the input is not of five axes, or its channels differ from the kernel's
 * @source ONNX Conv
 * @example
 * const model = sequential([layers.input([4, 8, 8, 1]), layers.conv3d({ filters: 2, kernelSize: 3 })]);
 */
export const conv3d: LayerFactory<Conv3dOptions> = convolution("Conv3D", 3);
