import { badOption } from "../layers/options.js";

/** A window by name, its values in full, or null for none. */
export type Window = WindowName | readonly number[] | null;

/** The windows that have names. */
export type WindowName = "bartlett" | "blackman" | "boxcar" | "hamming" | "hann";

/** The values at shares from 0 to 1 of the window's breadth. */
const WINDOWS: Readonly<Record<WindowName, (share: number) => number>> = {
  bartlett: (share) => 1 - Math.abs(2 * share - 1),
  blackman: (share) => 0.42 - 0.5 * Math.cos(2 * Math.PI * share) + 0.08 * Math.cos(4 * Math.PI * share),
  boxcar: () => 1,
  hamming: (share) => 0.54 - 0.46 * Math.cos(2 * Math.PI * share),
  hann: (share) => 0.5 - 0.5 * Math.cos(2 * Math.PI * share),
};

/** Refuses an unknown name, or another number of values than `length`. */
export function checkWindow(where: string, window: unknown, length: number, names = Object.keys(WINDOWS)): void {
  if (window === null || (typeof window === "string" && names.includes(window))) return;
  if (Array.isArray(window) && window.length === length && window.every((value) => Number.isFinite(value))) return;
  throw badOption(where, "window", `${names.join(", ")}, null or ${length} numbers`, window);
}

/** The values of a window: symmetric, or the first `length` of a period of that many samples. */
export function windowValues(window: Window, length: number, periodic: boolean): readonly number[] | undefined {
  if (window === null || typeof window !== "string") return window ?? undefined;
  // One sample has no breadth.
  if (length === 1) return [1];
  return Array.from({ length }, (_, i) => WINDOWS[window](i / (periodic ? length : length - 1)));
}
