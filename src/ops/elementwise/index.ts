export * from "./binary.js";
export * from "./cast.js";
export * from "./compare.js";
export * from "./literal.js";
export * from "./unary.js";
export * from "./where.js";
