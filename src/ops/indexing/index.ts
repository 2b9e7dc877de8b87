export * from "./gather.js";
export * from "./select.js";
export * from "./takeAlong.js";
