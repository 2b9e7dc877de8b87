export * from "./resize.js";
