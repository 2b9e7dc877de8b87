import type { ConstraintLike } from "../../constraints/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import type { BuildContext } from "../definition.js";
import { addParameter } from "../parameters.js";
import type { Variable } from "../variable.js";

/** Options of layers that scale by gamma and shift by beta after normalising. */
export interface ScaleOptions {
  /** Whether beta is added. Default true. */
  readonly center?: boolean;
  /** Whether gamma multiplies. Default true. */
  readonly scale?: boolean;
  /** Default zeros. */
  readonly betaInitializer?: InitializerLike;
  /** Default ones. */
  readonly gammaInitializer?: InitializerLike;
  /** Added to the loss. Default none. */
  readonly betaRegularizer?: RegularizerLike | null;
  /** Added to the loss. Default none. */
  readonly gammaRegularizer?: RegularizerLike | null;
  /** Applied after each update. Default none. */
  readonly betaConstraint?: ConstraintLike | null;
  /** Applied after each update. Default none. */
  readonly gammaConstraint?: ConstraintLike | null;
}

export const SCALE_DEFAULTS: Required<ScaleOptions> = {
  center: true,
  scale: true,
  betaInitializer: "zeros",
  gammaInitializer: "ones",
  betaRegularizer: null,
  gammaRegularizer: null,
  betaConstraint: null,
  gammaConstraint: null,
};

/** Declares gamma and beta, where they are asked for. */
export function addScale(
  context: BuildContext<Required<ScaleOptions>>,
  shape: readonly number[],
): { gamma: Variable | undefined; beta: Variable | undefined } {
  const gamma = context.config.scale ? addParameter(context, "gamma", shape) : undefined;
  const beta = context.config.center ? addParameter(context, "beta", shape) : undefined;
  return { gamma, beta };
}
