export * from "./norms.js";
export * from "./orthogonal.js";
