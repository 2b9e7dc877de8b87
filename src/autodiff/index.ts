export { checkpoint } from "./checkpoint.js";
export { customGradient, type CustomGradientContext } from "./customGradient.js";
export * from "./grad.js";
export * from "./gradients.js";
export * from "./jacobian.js";
export * from "./jit.js";
export type { Tree, TreeLeaf } from "./tree.js";
export * from "./vmap.js";
