import { convTranspose } from "../../ops/nn/convTranspose.js";
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
  wholePerAxis,
} from "../spatial.js";
import { checkWindows, finishChannels, WINDOW_DEFAULTS } from "./window.js";

/** Options of {@link conv1dTranspose}, {@link conv2dTranspose} and {@link conv3dTranspose}. */
export interface ConvTransposeOptions<S extends PerAxis> extends KernelOptions {
  /** Number of output channels, at least 1. */
  readonly filters: number;
  /** Size of the kernel on each spatial axis. */
  readonly kernelSize: S;
  /** Elements of the output from one window to the next. Default 1. */
  readonly strides?: S;
  /** valid keeps all that the windows reach, same gives S · stride elements. Default valid. */
  readonly padding?: Padding;
  /** Elements beyond the smallest output that fits, less than the stride. Default: as many as `padding` says. */
  readonly outputPadding?: S | null;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Distance between kernel taps. Default 1. */
  readonly dilationRate?: S;
}

export type Conv1dTransposeOptions = ConvTransposeOptions<Single>;
export type Conv2dTransposeOptions = ConvTransposeOptions<Pair>;
export type Conv3dTransposeOptions = ConvTransposeOptions<Triple>;

function transposed(className: string, rank: number): LayerFactory<ConvTransposeOptions<PerAxis>> {
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: {
      filters: required<number>(),
      ...WINDOW_DEFAULTS,
      padding: "valid" as Padding,
      outputPadding: null as PerAxis | null,
      ...KERNEL_DEFAULTS,
    },
    check: (config, where) => {
      const windows = { ...checkWindows(config, where, rank), padding: config.padding };
      const extra = config.outputPadding === null ? null : wholePerAxis(where, "outputPadding", config.outputPadding, rank, 0);
      const strides = perAxis(windows.strides, rank);
      if (extra?.some((n, i) => n >= strides[i]!)) {
        throw badOption(where, "outputPadding", `less than the stride ${strides.join(", ")}`, config.outputPadding);
      }
      return { ...resolveNames(config), ...windows, filters: wholeNumber(where, "filters", config.filters), outputPadding: extra };
    },
    build: (context, shape) => {
      const { config, where } = context;
      needSpatial(where, shape, rank, config.dataFormat);
      const channels = knownDim(where, shape, channelAxis(config.dataFormat));
      return addKernel(context, [...perAxis(config.kernelSize, rank), config.filters, channels], config.filters);
    },
    call: (context, input) => {
      const { config, where, weights } = context;
      needSpatial(where, input.shape, rank, config.dataFormat);
      needAxis(where, input.shape, channelAxis(config.dataFormat), weights.kernel.shape[rank + 1]!, "channels");
      const x = channelsToFront(input, config.dataFormat); // [B,C,...S]
      const spatial = Array.from({ length: rank }, (_, i) => i);
      const kernel = transpose(weights.kernel, [rank + 1, rank, ...spatial]); // [C, filters, ...K]
      const { strides, dilationRate: dilations, padding, outputPadding } = config;
      const y = convTranspose(x, kernel, { strides, dilations, padding, ...(outputPadding === null ? {} : { outputPadding }) });
      return finishChannels(context, y, weights.bias);
    },
  });
}

/**
 * Transposed convolution over time, which spreads each element over a window: kernel [k, filters, C].
 * With e = (k − 1) · dilation + 1, the output has T' = (T − 1) · stride + max(e, stride) steps for
 * valid and T · stride for same; with outputPadding p (T − 1) · stride + e + p, and for same
 * (T − 1) · stride + e mod 2 + p.
 *
 * @shape [B,T,C] → [B,T',filters]
 * @throws SHAPE_MISMATCH when the input is not of three axes, or its channels differ from the kernel's
 * @source ONNX ConvTranspose
 * @example
 * const model = sequential([layers.input([8, 4]), layers.conv1dTranspose({ filters: 2, kernelSize: 4, strides: 2, padding: "same" })]);
 */
export const conv1dTranspose: LayerFactory<Conv1dTransposeOptions> = transposed("Conv1DTranspose", 1);

/**
 * Transposed convolution over height and width: kernel [kh, kw, filters, C]. Sizes as for
 * {@link conv1dTranspose}.
 *
 * @shape [B,H,W,C] → [B,H',W',filters]
 * @throws SHAPE_MISMATCH when the input is not of four axes, or its channels differ from the kernel's
 * @source ONNX ConvTranspose
 * @example
 * const model = sequential([layers.input([4, 4, 8]), layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same" })]);
 */
export const conv2dTranspose: LayerFactory<Conv2dTransposeOptions> = transposed("Conv2DTranspose", 2);

/**
 * Transposed convolution over a volume: kernel [kd, kh, kw, filters, C]. Sizes as for
 * {@link conv1dTranspose}.
 *
 * @shape [B,D,H,W,C] → [B,D',H',W',filters]
 * @throws SHAPE_MISMATCH when the input is not of five axes, or its channels differ from the kernel's
 * @source ONNX ConvTranspose
 * @example
 * const model = sequential([layers.input([2, 4, 4, 2]), layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 })]);
 */
export const conv3dTranspose: LayerFactory<Conv3dTransposeOptions> = transposed("Conv3DTranspose", 3);
