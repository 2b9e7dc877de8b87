import * as activations from "../activations/index.js";
import type { ActivationLike } from "../activations/index.js";
import * as constraints from "../constraints/index.js";
import type { ConstraintLike } from "../constraints/index.js";
import * as initializers from "../initializers/index.js";
import type { InitializerLike } from "../initializers/index.js";
import * as regularizers from "../regularizers/index.js";
import type { RegularizerLike } from "../regularizers/index.js";
import { add } from "../ops/elementwise/binary.js";
import type { Tensor } from "../tensor/tensor.js";
import type { BuildContext } from "./definition.js";
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

/** Resolves names to objects, so that an unknown one fails where the layer is made. */
export function checkKernelOptions<C extends Required<KernelOptions>>(config: C): C {
  return {
    ...config,
    activation: activations.get(config.activation),
    kernelInitializer: initializers.get(config.kernelInitializer),
    biasInitializer: initializers.get(config.biasInitializer),
    kernelRegularizer: config.kernelRegularizer && regularizers.get(config.kernelRegularizer),
    biasRegularizer: config.biasRegularizer && regularizers.get(config.biasRegularizer),
    activityRegularizer: config.activityRegularizer && regularizers.get(config.activityRegularizer),
    kernelConstraint: config.kernelConstraint && constraints.get(config.kernelConstraint),
    biasConstraint: config.biasConstraint && constraints.get(config.biasConstraint),
  };
}

/** Declares the kernel, and the bias where there is one. */
export function addKernel(
  { config, addWeight }: BuildContext<Required<KernelOptions>>,
  kernelShape: readonly number[],
  units: number,
): { kernel: Variable; bias: Variable | undefined } {
  const kernel = addWeight("kernel", {
    shape: kernelShape,
    initializer: initializers.get(config.kernelInitializer),
    regularizer: config.kernelRegularizer && regularizers.get(config.kernelRegularizer),
    constraint: config.kernelConstraint && constraints.get(config.kernelConstraint),
  });
  if (!config.useBias) return { kernel, bias: undefined };
  const bias = addWeight("bias", {
    shape: [units],
    initializer: initializers.get(config.biasInitializer),
    regularizer: config.biasRegularizer && regularizers.get(config.biasRegularizer),
    constraint: config.biasConstraint && constraints.get(config.biasConstraint),
  });
  return { kernel, bias };
}

/** Adds the bias, where there is one, applies the activation, and penalises the output if asked. */
export function finishKernel(
  { config, addLoss }: { readonly config: Required<KernelOptions>; readonly addLoss: (value: Tensor) => void },
  product: Tensor,
  bias: Tensor | undefined,
): Tensor {
  const y = activations.get(config.activation).call(bias === undefined ? product : add(product, bias));
  if (config.activityRegularizer !== null) {
    const penalty = regularizers.get(config.activityRegularizer).call(y);
    addLoss(penalty.div(batchSize(y)));
  }
  return y;
}

/** The batch size as a number that broadcasts; 1 while shapes are only inferred. */
function batchSize(y: Tensor): number {
  const [batch] = y.shape;
  return typeof batch === "number" ? batch : 1;
}
