export * from "./batchNorm.js";
export * from "./conv.js";
export * from "./layerNorm.js";
export * from "./pool.js";
export * from "./softmax.js";
