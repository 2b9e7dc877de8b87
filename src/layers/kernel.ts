import * as activations from "../activations/index.js";
import type { ActivationLike } from "../activations/index.js";
import type { ConstraintLike } from "../constraints/index.js";
import type { InitializerLike } from "../initializers/index.js";
import * as regularizers from "../regularizers/index.js";
import type { Regularizer, RegularizerLike } from "../regularizers/index.js";
import { add } from "../ops/elementwise/binary.js";
import type { Tensor } from "../tensor/tensor.js";
import type { BuildContext } from "./definition.js";
import { addParameter, type ParameterOptions } from "./parameters.js";
import type { Variable } from "./variable.js";

/** Options of layers that multiply by a kernel, add a bias and apply an activation. */
export interface KernelOptions {
  /** Applied to the result. Default linear. */
  readonly activation?: ActivationLike;
  /** Whether a bias is added. Default true. */
  readonly useBias?: boolean;
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerLike;
  /** Default zeros. */
  readonly biasInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly kernelRegularizer?: RegularizerLike | null;
  /** Added to the loss. Default none. */
  readonly biasRegularizer?: RegularizerLike | null;
  /** A penalty on the layer's output, divided by the batch size. Default none. */
  readonly activityRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly kernelConstraint?: ConstraintLike | null;
  /** Applied after each update. Default none. */
  readonly biasConstraint?: ConstraintLike | null;
}

/** Keras's defaults of {@link KernelOptions}. */
export const KERNEL_DEFAULTS: Required<KernelOptions> = {
  activation: "linear",
  useBias: true,
  kernelInitializer: "glorotUniform",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  biasRegularizer: null,
  activityRegularizer: null,
  kernelConstraint: null,
  biasConstraint: null,
};

/** Declares the kernel, and the bias where there is one. */
export function addKernel(
  context: BuildContext<Required<KernelOptions>>,
  kernelShape: readonly number[],
  units: number,
): { kernel: Variable; bias: Variable | undefined } {
  const kernel = addParameter(context, "kernel", kernelShape);
  return { kernel, bias: addBias(context, [units]) };
}

/** Declares the bias, where one is asked for. */
export function addBias(
  context: BuildContext<{ readonly useBias: boolean } & ParameterOptions<"bias">>,
  shape: readonly number[],
): Variable | undefined {
  return context.config.useBias ? addParameter(context, "bias", shape) : undefined;
}

type FinishOptions = Pick<Required<KernelOptions>, "activation" | "activityRegularizer">;

/** Adds the bias, where there is one, applies the activation, and penalises the output if asked. */
export function finishKernel(
  { config, addLoss }: { readonly config: FinishOptions; readonly addLoss: (value: Tensor) => void },
  product: Tensor,
  bias: Tensor | undefined,
): Tensor {
  const y = activations.get(config.activation).call(bias === undefined ? product : add(product, bias));
  if (config.activityRegularizer !== null) penalize({ addLoss }, regularizers.get(config.activityRegularizer), y);
  return y;
}

/** Adds a penalty on a layer's output to the loss, divided by the batch size. */
export function penalize({ addLoss }: { readonly addLoss: (value: Tensor) => void }, regularizer: Regularizer, y: Tensor): void {
  const [batch] = y.shape;
  // While shapes are only inferred, the loss is of no account.
  addLoss(regularizer.call(y).div(typeof batch === "number" ? batch : 1));
}
