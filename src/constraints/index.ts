import type { NamesOf, Serialized } from "../registry.js";
import type * as all from "./all.js";
import { type Constraint, registry } from "./constraint.js";

export * from "./all.js";
export { type Constraint, type ConstraintDefinition, defineConstraint } from "./constraint.js";

/** The names of the built-in constraints. */
export type ConstraintName = NamesOf<typeof all>;

/** What a constraint option takes. */
export type ConstraintLike = ConstraintName | Constraint;

/**
 * The constraint of a name in any spelling, such as `max_norm`, with default options, or of a stored form.
 *
 * @throws UNKNOWN_NAME when no constraint has the name
 * @example
 * console.log(constraints.get("nonNeg").className); // NonNeg
 */
export function get(identifier: ConstraintLike | (string & {}) | Serialized): Constraint {
  return registry.get(identifier);
}

/**
 * The stored form of a constraint. @throws UNSUPPORTED when its class is not registered
 * @example
 * console.log(constraints.serialize(constraints.get("nonNeg")).className); // NonNeg
 */
export function serialize(constraint: Constraint): Serialized {
  return registry.serialize(constraint);
}

/**
 * The constraint of a stored form. @throws UNKNOWN_NAME when its class is not registered
 * @example
 * console.log(constraints.deserialize({ className: "NonNeg", config: {} }).className); // NonNeg
 */
export function deserialize(stored: Serialized): Constraint {
  return registry.deserialize(stored);
}
