import type { Initializer } from "../initializers/index.js";
import { type Window, windowValues } from "./window.js";

/** What a window is divided by: √Σw², Σ|w|, or nothing. */
export type Scaling = "density" | "spectrum" | null;

interface KernelOptions {
  readonly part: "real" | "imag";
  readonly window: Window;
  readonly periodic: boolean;
  readonly scaling: Scaling;
}

/** Windowed cosines or sines: w[n] / scale · cos or sin(−2π·n·k / N) for [frameLength,1,N/2+1]. */
export function stftKernel({ part, window, periodic, scaling }: KernelOptions): Initializer {
  return {
    name: "STFT",
    config: { side: part, window, periodic, scaling },
    init: (shape) => {
      const [length, , bins] = shape as [number, number, number];
      const weights = windowValues(window, length, periodic);
      const scale = weights === undefined ? 1 : scaleOf(weights, scaling);
      const period = 2 * (bins - 1);
      const wave = part === "real" ? Math.cos : Math.sin;
      return Float32Array.from({ length: length * bins }, (_, at) => {
        const [n, k] = [Math.floor(at / bins), at % bins];
        // The product is reduced first: large angles lose digits.
        return ((weights?.[n] ?? 1) / scale) * wave((-2 * Math.PI * ((n * k) % period)) / period);
      });
    },
  };
}

function scaleOf(weights: readonly number[], scaling: Scaling): number {
  if (scaling === null) return 1;
  if (scaling === "spectrum") return weights.reduce((sum, w) => sum + Math.abs(w), 0);
  return Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0));
}
