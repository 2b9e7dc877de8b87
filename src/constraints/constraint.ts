import "../ops/methods.js";
import { resolveOptions } from "../options.js";
import { type Config, type Described, Registry } from "../registry.js";
import type { Tensor } from "../tensor/tensor.js";

/** What a weight is brought back to after each step. */
export interface Constraint extends Described {
  call(weight: Tensor): Tensor;
}

/** All that a kind of constraint is. */
export interface ConstraintDefinition<C extends object> {
  /** Keras's class name, or one of your own. */
  readonly className: string;
  /** Every option with its default. */
  readonly defaults: C;
  call(weight: Tensor, config: C): Tensor;
}

/** The constraints by name. */
export const registry = new Registry<Constraint>("constraint");

/**
 * Makes a kind of constraint: returns its factory and registers its name, so that saved models find it.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const atMostOne = defineConstraint({ className: "AtMostOne", defaults: {}, call: (weight) => weight.minimum(1) });
 * layers.dense({ units: 8, kernelConstraint: atMostOne() });
 */
export function defineConstraint<C extends object>(definition: ConstraintDefinition<C>): (options?: Partial<C>) => Constraint {
  const { className } = definition;
  const factory = (options?: Partial<C>): Constraint => {
    const config = resolveOptions<C>(className, definition.defaults, options);
    return { className, config: config as Config, call: (weight) => definition.call(weight, config) };
  };
  registry.register(className, factory);
  return factory;
}
