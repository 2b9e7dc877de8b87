import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import { conv } from "../../ops/nn/conv.js";
import { transpose } from "../../ops/shape/transpose.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { addBias } from "../kernel.js";
import { knownDim, needAxis, wholeNumber } from "../options.js";
import { addParameter, resolveNames } from "../parameters.js";
import { channelAxis, channelsToFront, needSpatial, type Pair, type PerAxis, perAxis, type Single } from "../spatial.js";
import { convolveDepthwise, DEPTHWISE_DEFAULTS, type DepthwiseConvOptions } from "./depthwise.js";
import { checkWindows, finishChannels } from "./window.js";

/** Options of {@link separableConv1d} and {@link separableConv2d}. */
export interface SeparableConvOptions<S extends PerAxis> extends DepthwiseConvOptions<S> {
  /** Number of output channels, at least 1. */
  readonly filters: number;
  /** Default glorotUniform. */
  readonly pointwiseInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly pointwiseRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly pointwiseConstraint?: ConstraintLike | null;
}

export type SeparableConv1dOptions = SeparableConvOptions<Single>;
export type SeparableConv2dOptions = SeparableConvOptions<Pair>;

function separable(className: string, rank: number): LayerFactory<SeparableConvOptions<PerAxis>> {
  return defineLayer({
    className,
    inputDType: "float32",
    defaults: {
      filters: required<number>(),
      ...DEPTHWISE_DEFAULTS,
      pointwiseInitializer: DEPTHWISE_DEFAULTS.depthwiseInitializer,
      pointwiseRegularizer: DEPTHWISE_DEFAULTS.depthwiseRegularizer,
      pointwiseConstraint: DEPTHWISE_DEFAULTS.depthwiseConstraint,
    },
    check: (config, where) => ({
      ...resolveNames(config),
      ...checkWindows(config, where, rank),
      filters: wholeNumber(where, "filters", config.filters),
      depthMultiplier: wholeNumber(where, "depthMultiplier", config.depthMultiplier),
    }),
    build: (context, shape) => {
      const { config, where } = context;
      needSpatial(where, shape, rank, config.dataFormat);
      const channels = knownDim(where, shape, channelAxis(config.dataFormat));
      const between = channels * config.depthMultiplier;
      const taps = perAxis(config.kernelSize, rank);
      return {
        depthwiseKernel: addParameter(context, "depthwise", [...taps, channels, config.depthMultiplier], "depthwiseKernel"),
        pointwiseKernel: addParameter(context, "pointwise", [...taps.map(() => 1), between, config.filters], "pointwiseKernel"),
        bias: addBias(context, [config.filters]),
      };
    },
    call: (context, input) => {
      const { config, where, weights } = context;
      needSpatial(where, input.shape, rank, config.dataFormat);
      needAxis(where, input.shape, channelAxis(config.dataFormat), weights.depthwiseKernel.shape[rank]!, "channels");
      const x = channelsToFront(input, config.dataFormat); // [B,C,T] or [B,C,H,W]
      const between = convolveDepthwise(where, x, weights.depthwiseKernel, config); // [B,C·M,...]
      const spatial = Array.from({ length: rank }, (_, i) => i);
      const y = conv(between, transpose(weights.pointwiseKernel, [rank + 1, rank, ...spatial]));
      return finishChannels(context, y, weights.bias);
    },
  });
}

/**
 * Convolution over time of each channel by itself, then a product over channels:
 * kernels [k, C, depthMultiplier] and [1, C·depthMultiplier, filters].
 *
 * @shape [B,T,C] → [B,T',filters]
 * @throws SHAPE_MISMATCH when the input is not of three axes, or its channels differ from the kernel's
 * @example
 * const model = sequential([layers.input([16, 4]), layers.separableConv1d({ filters: 8, kernelSize: 3 })]);
 */
export const separableConv1d: LayerFactory<SeparableConv1dOptions> = separable("SeparableConv1D", 1);

/**
 * Convolution over height and width of each channel by itself, then a product over channels:
 * kernels [kh, kw, C, depthMultiplier] and [1, 1, C·depthMultiplier, filters].
 *
 * @shape [B,H,W,C] → [B,H',W',filters]
 * @throws SHAPE_MISMATCH when the input is not of four axes, or its channels differ from the kernel's
 * @source Chollet 2017
 * @example
 * const model = sequential([layers.input([8, 8, 3]), layers.separableConv2d({ filters: 8, kernelSize: 3 })]);
 */
export const separableConv2d: LayerFactory<SeparableConv2dOptions> = separable("SeparableConv2D", 2);
