export * from "./matmul.js";
