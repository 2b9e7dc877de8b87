export * from "./frames.js";
export * from "./stft.js";
