import { reshape } from "../../ops/shape/reshape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { CallContext } from "../definition.js";
import { required } from "../define.js";
import { finishKernel, type KernelOptions } from "../kernel.js";
import { oneOf } from "../options.js";
import { channelsToBack, DATA_FORMATS, type DataFormat, PADDINGS, type Padding, type PerAxis, wholePerAxis } from "../spatial.js";

/** Keras's defaults of how kernels move. */
export const WINDOW_DEFAULTS = {
  kernelSize: required<PerAxis>(),
  strides: 1 as PerAxis,
  padding: "valid" as Padding | "causal",
  dataFormat: "channelsLast" as DataFormat,
  dilationRate: 1 as PerAxis,
};

/** Options that say how kernels move, one number for each of `rank` spatial axes. */
export function checkWindows(config: typeof WINDOW_DEFAULTS, where: string, rank: number, causal = false): typeof WINDOW_DEFAULTS {
  return {
    kernelSize: wholePerAxis(where, "kernelSize", config.kernelSize, rank),
    strides: wholePerAxis(where, "strides", config.strides, rank),
    padding: oneOf(where, "padding", config.padding, causal ? [...PADDINGS, "causal"] : PADDINGS),
    dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    dilationRate: wholePerAxis(where, "dilationRate", config.dilationRate, rank),
  };
}

type FinishConfig = Pick<Required<KernelOptions>, "activation" | "activityRegularizer"> & { readonly dataFormat: DataFormat };

/** Brings y [B,C,...S] into the layer's data format, adds the bias and applies the activation. */
export function finishChannels(
  context: Pick<CallContext<FinishConfig>, "config" | "addLoss">,
  y: Tensor,
  bias: Tensor | undefined,
): Tensor {
  const { dataFormat } = context.config;
  if (bias === undefined || dataFormat === "channelsLast") return finishKernel(context, channelsToBack(y, dataFormat), bias);
  return finishKernel(context, y, reshape(bias, y.shape.map((_, i) => (i === 1 ? bias.shape[0]! : 1))));
}
