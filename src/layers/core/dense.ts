import { matmul } from "../../ops/matrix/matmul.js";
import { defineLayer, type LayerFactory, required } from "../define.js";
import { addKernel, finishKernel, KERNEL_DEFAULTS, type KernelOptions } from "../kernel.js";
import { knownDim, needAxis, wholeNumber } from "../options.js";
import { resolveNames } from "../parameters.js";

/** Options of {@link dense}. */
export interface DenseOptions extends KernelOptions {
  /** Size of the output's last axis, at least 1. */
  readonly units: number;
}

/**
 * A fully connected layer: activation(x · kernel + bias).
 *
 * @shape [B,...,C] → [B,...,units]
 * @throws SHAPE_MISMATCH when the input's last axis is not the one it was built for
 * @example
 * const model = sequential([layers.input([4]), layers.dense({ units: 3, activation: "softmax" })]);
 */
export const dense: LayerFactory<DenseOptions> = defineLayer({
  className: "Dense",
  inputDType: "float32",
  defaults: { units: required<number>(), ...KERNEL_DEFAULTS },
  check: (config, where) => ({
    ...resolveNames(config),
    units: wholeNumber(where, "units", config.units),
  }),
  build: (context, shape) => {
    const channels = knownDim(context.where, shape, -1);
    return addKernel(context, [channels, context.config.units], context.config.units);
  },
  call: (context, x) => {
    const { kernel, bias } = context.weights;
    needAxis(context.where, x.shape, -1, kernel.shape[0]!, "last axis");
    return finishKernel(context, matmul(x, kernel), bias);
  },
  mask: "pass",
});
