export * from "./derived.js";
export * from "./reduce.js";
export * from "./sumTo.js";
