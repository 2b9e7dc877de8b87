export * from "./bits.js";
export * from "./draws.js";
