import { type LossLike, functionLoss } from "./functionLoss.js";
import { type Loss, registry } from "./loss.js";
import type { Serialized } from "../registry.js";
// For their names: each file of losses registers them.
import "./all.js";

export * from "./all.js";
export type { LossLike, LossName } from "./functionLoss.js";
export { type Loss, type LossDefinition, type LossOptions, type Reduction, defineLoss } from "./loss.js";
export { reduceLoss } from "./reduce.js";

/**
 * The loss of a name in any spelling, such as `mean_squared_error`, with default options, of a
 * stored form, or of a function of your own that gives one value per sample.
 *
 * @throws UNKNOWN_NAME when no loss has the name
 * @example
 * console.log(losses.get("meanSquaredError").className); // MeanSquaredError
 */
export function get(identifier: LossLike | (string & {}) | Serialized): Loss {
  if (typeof identifier !== "function" || registry.makes(identifier)) return registry.get(identifier as string | Serialized);
  return functionLoss(identifier);
}

/**
 * The stored form of a loss. @throws UNSUPPORTED when its class is not registered
 * @example
 * console.log(losses.serialize(losses.get("meanSquaredError")).className); // MeanSquaredError
 */
export function serialize(loss: Loss): Serialized {
  return registry.serialize(loss);
}

/**
 * The loss of a stored form. @throws UNKNOWN_NAME when its class is not registered
 * @example
 * console.log(losses.deserialize({ className: "MeanSquaredError", config: {} }).className); // MeanSquaredError
 */
export function deserialize(stored: Serialized): Loss {
  return registry.deserialize(stored);
}

/**
 * All class names, aliases left out.
 * @example
 * console.log(losses.names().includes("MeanSquaredError")); // true
 */
export function names(): readonly string[] {
  return registry.names;
}
