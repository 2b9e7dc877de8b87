import type { Serialized } from "../registry.js";
import { type Schedule, registry } from "./schedule.js";

export * from "./composite.js";
export * from "./cosineDecay.js";
export * from "./cyclic.js";
export * from "./exponentialDecay.js";
export * from "./oneCycle.js";
export * from "./piecewiseConstantDecay.js";
export * from "./polynomialDecay.js";
export { type Schedule, type ScheduleDefinition, defineSchedule } from "./schedule.js";

/**
 * The schedule of a stored form, or the schedule itself. @throws UNKNOWN_NAME when no schedule has the name
 * @example
 * console.log(schedules.get(schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.9 })).className); // ExponentialDecay
 */
export function get(identifier: Schedule | Serialized): Schedule {
  return registry.get(identifier);
}

/**
 * The stored form of a schedule. @throws UNSUPPORTED when its class is not registered
 * @example
 * console.log(schedules.serialize(schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.9 })).className); // ExponentialDecay
 */
export function serialize(schedule: Schedule): Serialized {
  return registry.serialize(schedule);
}

/**
 * The schedule of a stored form. @throws UNKNOWN_NAME when its class is not registered
 * @example
 * console.log(schedules.deserialize({ className: "ExponentialDecay", config: { initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.9 } }).className); // ExponentialDecay
 */
export function deserialize(stored: Serialized): Schedule {
  return registry.deserialize(stored);
}
