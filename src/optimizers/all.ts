export * from "./adam.js";
export * from "./rmsprop.js";
export * from "./sgd.js";
