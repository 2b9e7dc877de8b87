import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import * as regularizers from "../../regularizers/index.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { BuildContext, CallContext } from "../definition.js";
import { penalize } from "../kernel.js";
import { addParameter } from "../parameters.js";
import type { Variable } from "../variable.js";

/** Options of the projections to and from the heads. */
export interface ProjectionOptions {
  /** Share of attention weights dropped while training, from 0 to under 1. Default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly useBias?: boolean;
  /** Whether each head's output is multiplied by the sigmoid of a further projection of the query. Default false. */
  readonly useGate?: boolean;
  /** A step sees only steps nearer than this. Default none. */
  readonly slidingWindow?: number | null;
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerLike;
  /** Default zeros. */
  readonly biasInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly kernelRegularizer?: RegularizerLike | null;
  /** Added to the loss. Default none. */
  readonly biasRegularizer?: RegularizerLike | null;
  /** Of what each projection gives: divided by the batch size and added to the loss. Default none. */
  readonly activityRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly kernelConstraint?: ConstraintLike | null;
  /** Applied after each update. Default none. */
  readonly biasConstraint?: ConstraintLike | null;
  /** Not used: randomness follows from the seed of `fit` and the layer's path. Kept for Keras's files. */
  readonly seed?: number | null;
}

export const PROJECTION_DEFAULTS: Required<ProjectionOptions> = {
  dropout: 0,
  useBias: true,
  useGate: false,
  slidingWindow: null,
  kernelInitializer: "glorotUniform",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  biasRegularizer: null,
  activityRegularizer: null,
  kernelConstraint: null,
  biasConstraint: null,
  seed: null,
};

/** Adds the penalty on what a projection gives, where the configuration has one; gives that on. */
export function penalized({ config, addLoss }: Pick<CallContext<Required<ProjectionOptions>>, "config" | "addLoss">, y: Tensor): Tensor {
  if (config.activityRegularizer !== null) penalize({ addLoss }, regularizers.get(config.activityRegularizer), y);
  return y;
}

/** Declares `name/kernel` and, where biases are asked for, `name/bias`. */
export function addProjection(
  context: BuildContext<Required<ProjectionOptions>>,
  name: string,
  taken: readonly number[],
  made: readonly number[],
): { kernel: Variable; bias: Variable | undefined } {
  const kernel = addParameter(context, "kernel", [...taken, ...made], `${name}/kernel`);
  return { kernel, bias: context.config.useBias ? addParameter(context, "bias", made, `${name}/bias`) : undefined };
}
