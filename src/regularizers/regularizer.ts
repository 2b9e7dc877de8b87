import "../ops/methods.js";
import { resolveOptions } from "../options.js";
import { type Config, type Described, Registry } from "../registry.js";
import type { Tensor } from "../tensor/tensor.js";

/** What a weight adds to the loss. */
export interface Regularizer extends Described {
  /** The penalty, a scalar. */
  call(weight: Tensor): Tensor;
}

/** All that a kind of regularizer is. */
export interface RegularizerDefinition<C extends object> {
  /** Keras's class name, or one of your own. */
  readonly className: string;
  /** Every option with its default. */
  readonly defaults: C;
  /** The penalty, a scalar. */
  call(weight: Tensor, config: C): Tensor;
}

/** The regularizers by name. */
export const registry = new Registry<Regularizer>("regularizer");

/**
 * Makes a kind of regularizer: returns its factory and registers its name, so that saved models find it.
 *
 * @throws BAD_ARGUMENT when the class name is taken
 * @example
 * const l4 = defineRegularizer({ className: "L4", defaults: { l4: 0.01 }, call: (weight, { l4 }) => weight.pow(4).sum().mul(l4) });
 * layers.dense({ units: 8, kernelRegularizer: l4({ l4: 0.1 }) });
 */
export function defineRegularizer<C extends object>(definition: RegularizerDefinition<C>): (options?: Partial<C>) => Regularizer {
  const { className } = definition;
  const factory = (options?: Partial<C>): Regularizer => {
    const config = resolveOptions<C>(className, definition.defaults, options);
    return { className, config: config as Config, call: (weight) => definition.call(weight, config) };
  };
  registry.register(className, factory);
  return factory;
}
