import "./methods.js";

export * from "./elementwise/index.js";
export * from "./image/index.js";
export * from "./indexing/index.js";
export * from "./matrix/index.js";
export * from "./nn/index.js";
export * from "./random/index.js";
export * from "./reduce/index.js";
export * from "./shape/index.js";
export * from "./signal/index.js";
