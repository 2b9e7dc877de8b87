import { toTensor, type TensorLike } from "../../graph/literal.js";
import { shapeError } from "../../graph/node.js";
import { concreteDim } from "../../tensor/dim.js";
import { arrayOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { add } from "../elementwise/binary.js";
import { checkTable } from "../checkTable.js";
import { constant } from "../elementwise/literal.js";
import { rootOrZero } from "../elementwise/rootOrZero.js";
import { sqrt, square } from "../elementwise/unary.js";
import { mapAxis } from "../matrix/mapAxis.js";
import { concat } from "../shape/concat.js";
import { flip, sliceAlong } from "../shape/slice.js";
import { frames } from "./frames.js";

/** How {@link stft} cuts a signal. */
export interface StftOptions {
  /** Samples in a frame, at least 1. */
  readonly frameLength: number;
  /** Samples from one frame to the next, at least 1. */
  readonly frameStep: number;
  /** Samples that a frame is filled up to, with zeros on both sides, at least frameLength. Default frameLength. */
  readonly fftLength?: number;
  /** The weight of a frame's samples: one period of a window, or frameLength numbers; null for 1 everywhere. Default "hann". */
  readonly window?: "hann" | "hamming" | readonly number[] | null;
  /** Whether frame t is centred at sample t · frameStep, the signal mirrored at its ends. Default true. */
  readonly center?: boolean;
}

/** Share of the cosine in each window; the rest is constant. */
const WINDOWS = { hann: 0.5, hamming: 0.46 };

/**
 * The short-time Fourier transform of a real signal in the last axis, as real and imaginary part:
 * Σₙ window[n] · x[t·frameStep + n] · e^(−2πi·kn/fftLength) for each frame t and frequency k.
 * It is one matrix product each with constant cosines and sines.
 *
 * @shape [...,T] → [...,frames,fftLength/2+1], [...,frames,fftLength/2+1]
 * @example
 * console.log(await ops.stft([1, 0, 0, 0], { frameLength: 4, frameStep: 4, window: null, center: false })[0].toArray()); // [[1, 1, 1]]
 */
export function stft(x: TensorLike, options: StftOptions): readonly [real: Tensor, imaginary: Tensor] {
  const { frameLength, frameStep, fftLength = frameLength, window = "hann", center = true } = options;
  const value = toTensor(x);
  if (!Number.isInteger(fftLength) || fftLength < frameLength) {
    throw shapeError("stft", `an fftLength of at least the frameLength ${frameLength}, not ${fftLength}`, [value.shape]);
  }
  if (Array.isArray(window) && window.length !== frameLength) {
    throw shapeError("stft", `a window of ${frameLength} numbers, not ${window.length}`, [value.shape]);
  }
  // A frame stands in the middle of the zeros that fill it up, and those read no sample.
  const before = Math.floor((fftLength - frameLength) / 2);
  const after = fftLength - frameLength - before;
  const half = center ? Math.floor(fftLength / 2) : 0;
  const cut = frames(extended(value, half - before, half - after), frameLength, frameStep);
  const bins = Math.floor(fftLength / 2) + 1;
  checkTable("stft", bins * frameLength);
  const part = (wave: (angle: number) => number, sign: number): Tensor => {
    const rows = Array.from({ length: bins * frameLength }, (_, at) => {
      const [k, n] = [Math.floor(at / frameLength), at % frameLength];
      const weight = weightOf(window, n, frameLength);
      // The product is reduced first: large angles lose digits.
      return sign * weight * wave((2 * Math.PI * ((k * (n + before)) % fftLength)) / fftLength);
    });
    return mapAxis(cut, constant(arrayOf(value.dtype, rows), [bins, frameLength], value.dtype));
  };
  return [part(Math.cos, 1), part(Math.sin, -1)];
}

function weightOf(window: NonNullable<StftOptions["window"]> | null, n: number, length: number): number {
  if (window === null) return 1;
  if (typeof window !== "string") return window[n]!;
  return 1 - WINDOWS[window] - WINDOWS[window] * Math.cos((2 * Math.PI * n) / length);
}

/** The signal with so many samples mirrored at its ends, or so many fewer where negative. */
function extended(x: Tensor, before: number, after: number): Tensor {
  const size = concreteDim(x.shape.at(-1) ?? 0, "stft");
  if (Math.max(before, after) >= size) throw shapeError("stft", `more than ${Math.max(before, after)} samples, to mirror the ends`, [x.shape]);
  const head = before > 0 ? [flip(sliceAlong(x, -1, 1, before + 1), -1)] : [];
  const tail = after > 0 ? [flip(sliceAlong(x, -1, size - after - 1, size - 1), -1)] : [];
  return concat([...head, sliceAlong(x, -1, Math.max(0, -before), size + Math.min(0, after)), ...tail], -1);
}

/**
 * |X|² of {@link stft}: the energy of each frame at each frequency. @shape [...,T] → [...,frames,fftLength/2+1]
 * @example
 * console.log(await ops.powerSpectrogram([1, 0, 0, 0], { frameLength: 4, frameStep: 4, window: null, center: false }).toArray()); // [[1, 1, 1]]
 */
export function powerSpectrogram(x: TensorLike, options: StftOptions): Tensor {
  const [real, imaginary] = stft(x, options);
  return add(square(real), square(imaginary));
}

/**
 * |X| of {@link stft}; the gradient where it is 0 is 0. @shape [...,T] → [...,frames,fftLength/2+1]
 * @example
 * console.log(await ops.spectrogram([1, 0, 0, 0], { frameLength: 4, frameStep: 4, window: null, center: false }).toArray()); // [[1, 1, 1]]
 */
export function spectrogram(x: TensorLike, options: StftOptions): Tensor {
  return rootOrZero(powerSpectrogram(x, options), sqrt);
}
