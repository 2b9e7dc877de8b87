import * as constraints from "../../constraints/index.js";
import type { ConstraintLike } from "../../constraints/index.js";
import * as initializers from "../../initializers/index.js";
import type { InitializerLike } from "../../initializers/index.js";
import * as regularizers from "../../regularizers/index.js";
import type { RegularizerLike } from "../../regularizers/index.js";
import type { BuildContext } from "../definition.js";
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
  readonly betaRegularizer?: RegularizerLike | null;
  readonly gammaRegularizer?: RegularizerLike | null;
  readonly betaConstraint?: ConstraintLike | null;
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

/** Resolves names to objects, so that an unknown one fails where the layer is made. */
export function checkScaleOptions<C extends Required<ScaleOptions>>(config: C): C {
  return {
    ...config,
    betaInitializer: initializers.get(config.betaInitializer),
    gammaInitializer: initializers.get(config.gammaInitializer),
    betaRegularizer: config.betaRegularizer && regularizers.get(config.betaRegularizer),
    gammaRegularizer: config.gammaRegularizer && regularizers.get(config.gammaRegularizer),
    betaConstraint: config.betaConstraint && constraints.get(config.betaConstraint),
    gammaConstraint: config.gammaConstraint && constraints.get(config.gammaConstraint),
  };
}

/** Declares gamma and beta, where they are asked for. */
export function addScale(
  { config, addWeight }: BuildContext<Required<ScaleOptions>>,
  shape: readonly number[],
): { gamma: Variable | undefined; beta: Variable | undefined } {
  const gamma = config.scale
    ? addWeight("gamma", {
        shape,
        initializer: initializers.get(config.gammaInitializer),
        regularizer: config.gammaRegularizer && regularizers.get(config.gammaRegularizer),
        constraint: config.gammaConstraint && constraints.get(config.gammaConstraint),
      })
    : undefined;
  const beta = config.center
    ? addWeight("beta", {
        shape,
        initializer: initializers.get(config.betaInitializer),
        regularizer: config.betaRegularizer && regularizers.get(config.betaRegularizer),
        constraint: config.betaConstraint && constraints.get(config.betaConstraint),
      })
    : undefined;
  return { gamma, beta };
}
