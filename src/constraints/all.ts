export * from "./nonNeg.js";
export * from "./norms.js";
