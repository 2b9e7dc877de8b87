import * as activations from "../activations/index.js";
import type { ActivationLike } from "../activations/index.js";
import * as constraints from "../constraints/index.js";
import type { ConstraintLike } from "../constraints/index.js";
import * as initializers from "../initializers/index.js";
import type { InitializerLike } from "../initializers/index.js";
import * as regularizers from "../regularizers/index.js";
import type { RegularizerLike } from "../regularizers/index.js";
import type { BuildContext } from "./definition.js";
import type { Variable } from "./variable.js";

/** The object that an option means, by how the option's name ends. */
const RESOLVERS: readonly (readonly [RegExp, (value: never) => unknown])[] = [
  [/activation$/i, (value: ActivationLike) => activations.get(value)],
  [/initializer$/i, (value: InitializerLike) => initializers.get(value)],
  [/regularizer$/i, (value: RegularizerLike) => regularizers.get(value)],
  [/constraint$/i, (value: ConstraintLike) => constraints.get(value)],
];

/** Names of activations, initializers and so on as objects, so that an unknown one fails where the layer is made. */
export function resolveNames<C extends object>(config: C): C {
  const entries = Object.entries(config).map(([option, value]): [string, unknown] => {
    const resolver = RESOLVERS.find(([ending]) => ending.test(option));
    return [option, resolver === undefined || value === null ? value : resolver[1](value as never)];
  });
  return Object.fromEntries(entries) as C;
}

/** The options that concern the variable `P`. */
export type ParameterOptions<P extends string> = Readonly<
  Record<`${P}Initializer`, InitializerLike> &
    Record<`${P}Regularizer`, RegularizerLike | null> &
    Record<`${P}Constraint`, ConstraintLike | null>
>;

/** Declares a variable with the initializer, regularizer and constraint of the options that begin with `prefix`. */
export function addParameter<P extends string>(
  { config, addWeight }: Pick<BuildContext<ParameterOptions<P>>, "config" | "addWeight">,
  prefix: P,
  shape: readonly number[],
  name: string = prefix,
): Variable {
  const options = config as Readonly<Record<string, unknown>>;
  const regularizer = options[`${prefix}Regularizer`] as RegularizerLike | null;
  const constraint = options[`${prefix}Constraint`] as ConstraintLike | null;
  return addWeight(name, {
    shape,
    initializer: initializers.get(options[`${prefix}Initializer`] as InitializerLike),
    regularizer: regularizer && regularizers.get(regularizer),
    constraint: constraint && constraints.get(constraint),
  });
}
