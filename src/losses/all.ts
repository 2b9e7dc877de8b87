export * from "./binaryCrossentropy.js";
export * from "./categoricalCrossentropy.js";
export * from "./cosineSimilarity.js";
export * from "./divergence.js";
export * from "./hinge.js";
export * from "./meanErrors.js";
export * from "./overlap.js";
export * from "./sparseCategoricalCrossentropy.js";
