export * from "./mapAxis.js";
export * from "./matmul.js";
