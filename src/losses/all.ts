export * from "./sparseCategoricalCrossentropy.js";
