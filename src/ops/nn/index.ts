export * from "./conv.js";
export * from "./softmax.js";
