import type { NamesOf, Serialized } from "../registry.js";
import type * as all from "./all.js";
import { type Optimizer, registry } from "./optimizer.js";

export * from "./all.js";
export { type TrainedVariable, applyOptimizer } from "./apply.js";
export {
  type CommonOptions,
  type Optimizer,
  type OptimizerDefinition,
  type OptimizerOptions,
  type SlotSpec,
  type UpdateArgs,
  type Updated,
  type VariableSpec,
  defineOptimizer,
} from "./optimizer.js";

/** The names of the built-in optimizers. */
export type OptimizerName = NamesOf<typeof all>;

/** What an `optimizer` option takes. */
export type OptimizerLike = OptimizerName | Optimizer;

/**
 * The optimizer of a name in any spelling, such as `RMSprop`, with default options, or of a stored form.
 *
 * @throws UNKNOWN_NAME when no optimizer has the name
 * @example
 * console.log(optimizers.get("sgd").className); // SGD
 */
export function get(identifier: OptimizerLike | (string & {}) | Serialized): Optimizer {
  return registry.get(identifier);
}

/**
 * The stored form of an optimizer. @throws UNSUPPORTED when its class is not registered
 * @example
 * console.log(optimizers.serialize(optimizers.get("sgd")).className); // SGD
 */
export function serialize(optimizer: Optimizer): Serialized {
  return registry.serialize(optimizer);
}

/**
 * The optimizer of a stored form. @throws UNKNOWN_NAME when its class is not registered
 * @example
 * console.log(optimizers.deserialize({ className: "SGD", config: {} }).className); // SGD
 */
export function deserialize(stored: Serialized): Optimizer {
  return registry.deserialize(stored);
}

/**
 * All class names.
 * @example
 * console.log(optimizers.names().includes("SGD")); // true
 */
export function names(): readonly string[] {
  return registry.names;
}
