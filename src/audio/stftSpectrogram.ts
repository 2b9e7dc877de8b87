import { EPSILON } from "../epsilon.js";
import { defineLayer, type LayerFactory } from "../layers/define.js";
import type { Variable } from "../layers/variable.js";
import { badOption, knownDim, needRank, oneOf, wholeNumber } from "../layers/options.js";
import { DATA_FORMATS, type DataFormat, type Padding, PADDINGS } from "../layers/spatial.js";
import { add, maximum } from "../ops/elementwise/binary.js";
import { atan2 } from "../ops/elementwise/trig.js";
import { log, sqrt, square } from "../ops/elementwise/unary.js";
import { matmul } from "../ops/matrix/matmul.js";
import { samePadding } from "../ops/nn/conv.js";
import { concat } from "../ops/shape/concat.js";
import { pad } from "../ops/shape/pad.js";
import { reshape } from "../ops/shape/reshape.js";
import { sliceAlong } from "../ops/shape/slice.js";
import { transpose } from "../ops/shape/transpose.js";
import { frames } from "../ops/signal/frames.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Scaling, stftKernel } from "./stftKernel.js";
import { checkWindow, type Window } from "./window.js";

/** What a spectrogram shows. */
export type SpectrogramMode = "log" | "magnitude" | "psd" | "real" | "imag" | "angle" | "stft";

const MODES: readonly SpectrogramMode[] = ["log", "magnitude", "psd", "real", "imag", "angle", "stft"];

/** Options of {@link stftSpectrogram}. */
export interface StftSpectrogramOptions {
  /**
   * ln |X|, |X|, the power |X|² with all but the outer frequencies doubled, the real or the
   * imaginary part, the angle in radians, or both parts one after the other. Default log.
   */
  readonly mode?: SpectrogramMode;
  /** Samples in a frame, at least 1. Default 256. */
  readonly frameLength?: number;
  /** Samples from one frame to the next, from 1 to frameLength; null for half of frameLength. Default null. */
  readonly frameStep?: number | null;
  /** Samples of the transform, at least frameLength; null for the next power of two. Default null. */
  readonly fftLength?: number | null;
  /** The weights of a frame's samples by name, as frameLength numbers, or null for none. Default hann. */
  readonly window?: Window;
  /** Whether a named window is one period, and not symmetric. Default false. */
  readonly periodic?: boolean;
  /** What the window w is divided by: √Σw², Σ|w|, or null for nothing. Default density. */
  readonly scaling?: Scaling;
  /** Default valid. */
  readonly padding?: Padding;
  /** Whether the channels get an axis of their own, as images have one. Default false. */
  readonly expandDims?: boolean;
  /** Default channelsLast. */
  readonly dataFormat?: DataFormat;
}

const DEFAULTS = {
  mode: "log" as SpectrogramMode,
  frameLength: 256,
  frameStep: null as number | null,
  fftLength: null as number | null,
  window: "hann" as Window,
  periodic: false,
  scaling: "density" as Scaling,
  padding: "valid" as Padding,
  expandDims: false,
  dataFormat: "channelsLast" as DataFormat,
};

/**
 * The short-time Fourier transform of each channel of a signal, for each frame t and frequency k:
 * X = Σₙ w[n] · x[t·frameStep + n] · e^(−2πi·kn/fftLength). The waves are weights, which training
 * refines unless `trainable` is false.
 *
 * @shape [B,T,C] → [B,frames,C·bins], or [B,frames,bins,C] with expandDims; bins = fftLength/2 + 1
 * @throws BAD_ARGUMENT when frameStep is longer, or fftLength shorter, than frameLength
 * @example
 * const spectrum = stftSpectrogram({ mode: "magnitude", frameLength: 64, frameStep: 32, expandDims: true, trainable: false });
 * const model = sequential([layers.input([1024, 1]), spectrum, layers.conv2d({ filters: 4, kernelSize: 3 })]);
 * console.log(spectrum.variables[0].shape); // [64, 1, 33]
 */
export const stftSpectrogram: LayerFactory<StftSpectrogramOptions> = defineLayer({
  className: "STFTSpectrogram",
  defaults: DEFAULTS,
  check: (config, where) => {
    const frameLength = wholeNumber(where, "frameLength", config.frameLength);
    const { frameStep, fftLength, scaling } = config;
    if (frameStep !== null && wholeNumber(where, "frameStep", frameStep) > frameLength) {
      throw badOption(where, "frameStep", `at most the frameLength ${frameLength}`, frameStep);
    }
    if (fftLength !== null) wholeNumber(where, "fftLength", fftLength, frameLength);
    if (scaling !== null) oneOf(where, "scaling", scaling, ["density", "spectrum"]);
    checkWindow(where, config.window, frameLength);
    return {
      ...config,
      mode: oneOf(where, "mode", config.mode, MODES),
      padding: oneOf(where, "padding", config.padding, PADDINGS),
      dataFormat: oneOf(where, "dataFormat", config.dataFormat, DATA_FORMATS),
    };
  },
  build: ({ config, where, addWeight }, input) => {
    needSignal(where, input);
    const { mode, frameLength, fftLength, window, periodic, scaling } = config;
    const bins = Math.floor((fftLength ?? 2 ** Math.ceil(Math.log2(frameLength))) / 2) + 1;
    const kernel = (part: "real" | "imag"): Variable =>
      addWeight(`${part}_kernel`, {
        shape: [frameLength, 1, bins],
        initializer: stftKernel({ part, window, periodic, scaling }),
      });
    return {
      real: mode === "imag" ? undefined : kernel("real"),
      imag: mode === "real" ? undefined : kernel("imag"),
    };
  },
  call: ({ config, where, weights }, x) => {
    needSignal(where, x.shape);
    const first = config.dataFormat === "channelsFirst";
    const signal = first ? x : transpose(x, [0, 2, 1]); // [B,C,T]
    const windows = framesOf(signal, where, config); // [B,C,F,frameLength]
    const part = (kernel: Tensor): Tensor => matmul(windows, reshape(kernel, [kernel.shape[0]!, kernel.shape[2]!]));
    const spectrum = shown(config.mode, () => part(weights.real!), () => part(weights.imag!));
    return arranged(spectrum, config.expandDims, first);
  },
});

function needSignal(where: string, shape: Tensor["shape"]): void {
  needRank(where, shape, 3, "[batch, time, channels], in the order of dataFormat");
}

/** [B,C,T] → [B,C,F,frameLength] */
function framesOf(signal: Tensor, where: string, config: typeof DEFAULTS): Tensor {
  const step = config.frameStep ?? Math.max(1, Math.floor(config.frameLength / 2));
  const sides = config.padding === "same" ? samePadding(knownDim(where, signal.shape, 2), config.frameLength, step) : [0, 0] as const;
  return frames(sides[0] + sides[1] > 0 ? pad(signal, [[0, 0], [0, 0], sides]) : signal, config.frameLength, step);
}

/** What a mode shows of the real and the imaginary part. */
function shown(mode: SpectrogramMode, real: () => Tensor, imag: () => Tensor): Tensor {
  if (mode === "real") return real();
  if (mode === "imag") return imag();
  const [re, im] = [real(), imag()];
  if (mode === "angle") return atan2(im, re);
  if (mode === "stft") return concat([re, im], -1);
  const power = add(square(re), square(im));
  if (mode === "psd") return oneSided(power);
  const magnitude = sqrt(maximum(power, EPSILON));
  return mode === "magnitude" ? magnitude : log(magnitude);
}

/** The power of both halves of the spectrum: all frequencies but the outer ones occur twice. */
function oneSided(power: Tensor): Tensor {
  const bins = power.shape.at(-1) as number;
  if (bins < 3) return power;
  const inner = pad(sliceAlong(power, -1, 1, bins - 1), power.shape.map((_, i) => (i === power.rank - 1 ? [1, 1] : [0, 0])));
  return add(power, inner);
}

/** [B,C,F,bins] in the order that the options ask for. */
function arranged(spectrum: Tensor, expandDims: boolean, channelsFirst: boolean): Tensor {
  const [batch, channels, count, bins] = spectrum.shape as [Tensor["shape"][number], number, number, number];
  if (expandDims) return channelsFirst ? spectrum : transpose(spectrum, [0, 2, 3, 1]);
  return channelsFirst
    ? reshape(transpose(spectrum, [0, 1, 3, 2]), [batch, channels * bins, count])
    : reshape(transpose(spectrum, [0, 2, 1, 3]), [batch, count, channels * bins]);
}
