export * from "./einsum.js";
export * from "./mapAxis.js";
export * from "./matmul.js";
export * from "./products.js";
