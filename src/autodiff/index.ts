export * from "./grad.js";
export * from "./gradients.js";
export * from "./jit.js";
export type { Tree, TreeLeaf } from "./tree.js";
