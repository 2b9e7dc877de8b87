/**
 * What weights start as. These are functions of the host, not graphs: `orthogonal` needs a QR
 * decomposition, and a seed shall give the same values whatever engine runs the model.
 */
export type { Initializer, SeedOption } from "./initializer.js";
export * from "./constant.js";
export * from "./distributions.js";
export * from "./orthogonal.js";
export * from "./registry.js";
export * from "./varianceScaling.js";
