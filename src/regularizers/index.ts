import type { NamesOf, Serialized } from "../registry.js";
import type * as all from "./all.js";
import { type Regularizer, registry } from "./regularizer.js";

export * from "./all.js";
export { type Regularizer, type RegularizerDefinition, defineRegularizer } from "./regularizer.js";

/** The names of the built-in regularizers. */
export type RegularizerName = NamesOf<typeof all>;

/** What a regularizer option takes. */
export type RegularizerLike = RegularizerName | Regularizer;

/**
 * The regularizer of a name in any spelling, such as `orthogonal_regularizer`, with default options, or of a stored form.
 *
 * @throws UNKNOWN_NAME when no regularizer has the name
 * @example
 * console.log(regularizers.get("l2").className); // L2
 */
export function get(identifier: RegularizerLike | (string & {}) | Serialized): Regularizer {
  return registry.get(identifier);
}

/**
 * The stored form of a regularizer. @throws UNSUPPORTED when its class is not registered
 * @example
 * console.log(regularizers.serialize(regularizers.get("l2")).className); // L2
 */
export function serialize(regularizer: Regularizer): Serialized {
  return registry.serialize(regularizer);
}

/**
 * The regularizer of a stored form. @throws UNKNOWN_NAME when its class is not registered
 * @example
 * console.log(regularizers.deserialize({ className: "L2", config: {} }).className); // L2
 */
export function deserialize(stored: Serialized): Regularizer {
  return registry.deserialize(stored);
}
