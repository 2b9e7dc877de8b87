export * from "./broadcastTo.js";
export * from "./concat.js";
export * from "./fill.js";
export * from "./pad.js";
export * from "./reshape.js";
export * from "./slice.js";
export * from "./transpose.js";
