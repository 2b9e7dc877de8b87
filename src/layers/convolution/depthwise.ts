import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import { depthwiseConv } from "../../ops/nn/convTranspose.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineLayer, type LayerFactory } from "../define.js";
import { addBias, KERNEL_DEFAULTS, type KernelOptions } from "../kernel.js";
import { knownDim, needAxis, wholeNumber } from "../options.js";
import { addParameter, resolveNames } from "../parameters.js";
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
  windowPads,
  type WindowOptions,
} from "../spatial.js";
import { checkWindows, finishChannels, WINDOW_DEFAULTS } from "./window.js";

/** Options of {@link depthwiseConv1d} and {@link depthwiseConv2d}. */
export interface DepthwiseConvOptions<S extends PerAxis>
  extends Omit<KernelOptions, "kernelInitializer" | "kernelRegularizer" | "kernelConstraint"> {
  /** Size of the kernel on each spatial axis. */
  readonly kernelSize: S;
  /** Elements from one window to the next. Default 1. */
  readonly strides?: S;
  /** Default valid. */
  readonly padding?: Padding;
  /** Kernels for each input channel. Default 1. */
  readonly depthMultiplier?: number;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
  /** Distance between kernel taps. Default 1. */
  readonly dilationRate?: S;
  /** Default glorotUniform. */
  readonly depthwiseInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly depthwiseRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly depthwiseConstraint?: ConstraintLike | null;
}

export type DepthwiseConv1dOptions = DepthwiseConvOptions<Single>;
export type DepthwiseConv2dOptions = DepthwiseConvOptions<Pair>;

const { kernelInitializer, kernelRegularizer, kernelConstraint, ...BIAS_DEFAULTS } = KERNEL_DEFAULTS;

/** Keras's defaults of all options that depthwise and separable convolution share. */
export const DEPTHWISE_DEFAULTS = {
  ...WINDOW_DEFAULTS,
  depthMultiplier: 1,
  ...BIAS_DEFAULTS,
  depthwiseInitializer: kernelInitializer,
  depthwiseRegularizer: kernelRegularizer,
  depthwiseConstraint: kernelConstraint,
};

/** x [B,C,...S] with each channel convolved with its own kernels [...K,C,M]: [B,C·M,...S']. */
export function convolveDepthwise(where: string, x: Tensor, kernel: Tensor, config: WindowOptions): Tensor {
  const rank = x.rank - 2;
  const spatial = Array.from({ length: rank }, (_, i) => i);
  const taps = transpose(kernel, [rank, rank + 1, ...spatial]); // [C,M,...K]
  const { strides, dilationRate: dilations } = config;
  return depthwiseConv(x, taps, { strides, dilations, padding: windowPads(where, x.shape, config) });
}

function depthwise(className: string, rank: number): LayerFactory<DepthwiseConvOptions<PerAxis>> {
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: DEPTHWISE_DEFAULTS,
    check: (config, where) => ({
      ...resolveNames(config),
      ...checkWindows(config, where, rank),
      depthMultiplier: wholeNumber(where, "depthMultiplier", config.depthMultiplier),
    }),
    build: (context, shape) => {
      const { config, where } = context;
      needSpatial(where, shape, rank, config.dataFormat);
      const channels = knownDim(where, shape, channelAxis(config.dataFormat));
      const kernelShape = [...perAxis(config.kernelSize, rank), channels, config.depthMultiplier];
      return {
        kernel: addParameter(context, "depthwise", kernelShape, "kernel"),
        bias: addBias(context, [channels * config.depthMultiplier]),
      };
    },
    call: (context, input) => {
      const { config, where, weights } = context;
      needSpatial(where, input.shape, rank, config.dataFormat);
      needAxis(where, input.shape, channelAxis(config.dataFormat), weights.kernel.shape[rank]!, "channels");
      const x = channelsToFront(input, config.dataFormat); // [B,C,T] or [B,C,H,W]
      return finishChannels(context, convolveDepthwise(where, x, weights.kernel, config), weights.bias);
    },
  });
}

/**
 * Convolution over time of each channel by itself: kernel [k, C, depthMultiplier].
 *
 * @shape [B,T,C] → [B,T',C·depthMultiplier]
 * @throws SHAPE_MISMATCH when the input is not of three axes, or its channels differ from the kernel's
 * @example
 * const model = sequential([layers.input([16, 4]), layers.depthwiseConv1d({ kernelSize: 3 })]);
 */
export const depthwiseConv1d: LayerFactory<DepthwiseConv1dOptions> = depthwise("DepthwiseConv1D", 1);

/**
 * Convolution over height and width of each channel by itself: kernel [kh, kw, C, depthMultiplier].
 *
 * @shape [B,H,W,C] → [B,H',W',C·depthMultiplier]
 * @throws SHAPE_MISMATCH when the input is not of four axes, or its channels differ from the kernel's
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })]);
 */
export const depthwiseConv2d: LayerFactory<DepthwiseConv2dOptions> = depthwise("DepthwiseConv2D", 2);
