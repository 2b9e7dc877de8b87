export { melSpectrogram, type MelSpectrogramOptions } from "./melSpectrogram.js";
export type { Scaling } from "./stftKernel.js";
export { type SpectrogramMode, stftSpectrogram, type StftSpectrogramOptions } from "./stftSpectrogram.js";
export type { Window, WindowName } from "./window.js";
