export * from "./accuracy.js";
