export * from "./gather.js";
export * from "./gatherND.js";
export * from "./select.js";
export * from "./takeAlong.js";
export * from "./topK.js";
