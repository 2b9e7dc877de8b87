export * from "./cumulative.js";
export * from "./derived.js";
export * from "./logical.js";
export * from "./norm.js";
export * from "./reduce.js";
export * from "./sumTo.js";
