export * from "./adaptivePool.js";
export * from "./batchNorm.js";
export * from "./conv.js";
export * from "./convTranspose.js";
export * from "./gelu.js";
export * from "./layerNorm.js";
export { averagePool, maxPool, type PoolOptions } from "./pool.js";
export * from "./softmax.js";
