import { defineLayer, type LayerFactory } from "../layers/define.js";
import { badOption, needRank, wholeNumber } from "../layers/options.js";
import { maximum, mul, pow, sub } from "../ops/elementwise/binary.js";
import { constant } from "../ops/elementwise/literal.js";
import { rootOrZero } from "../ops/elementwise/rootOrZero.js";
import { log } from "../ops/elementwise/unary.js";
import { checkTable } from "../ops/checkTable.js";
import { matmul } from "../ops/matrix/matmul.js";
import { max } from "../ops/reduce/reduce.js";
import { expandDims, squeeze } from "../ops/shape/reshape.js";
import { powerSpectrogram } from "../ops/signal/stft.js";
import { arrayOf } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import { melWeights } from "./melScale.js";
import { checkWindow, type Window } from "./window.js";

/** Options of {@link melSpectrogram}. */
export interface MelSpectrogramOptions {
  /** Samples of the transform, at least sequenceLength. Default 2048. */
  readonly fftLength?: number;
  /** Samples from one frame to the next. Default 512. */
  readonly sequenceStride?: number;
  /** Samples in a frame; null for fftLength. Default null. */
  readonly sequenceLength?: number | null;
  /** "hann" or "hamming", one period of it, sequenceLength numbers, or null for none. Default hann. */
  readonly window?: "hann" | "hamming" | readonly number[] | null;
  /** Samples in a second. Default 16000. */
  readonly samplingRate?: number;
  /** Bands. Default 128. */
  readonly numMelBins?: number;
  /** The lower end of the lowest band in Hz. Default 20. */
  readonly minFreq?: number;
  /** The upper end of the highest band in Hz; null for half of samplingRate. Default null. */
  readonly maxFreq?: number | null;
  /** Whether the result is in decibels, 10 · log₁₀. Default true. */
  readonly powerToDb?: boolean;
  /** Decibels below the loudest value of the whole batch, under which nothing lies. Default 80. */
  readonly topDb?: number;
  /** The power to which magnitudes are raised. Default 2. */
  readonly magExp?: number;
  /** The least power that decibels are taken of, above 0. Default 1e-10. */
  readonly minPower?: number;
  /** The power of 0 decibels. Default 1. */
  readonly refPower?: number;
}

const DEFAULTS = {
  fftLength: 2048,
  sequenceStride: 512,
  sequenceLength: null as number | null,
  window: "hann" as Window,
  samplingRate: 16000,
  numMelBins: 128,
  minFreq: 20,
  maxFreq: null as number | null,
  powerToDb: true,
  topDb: 80,
  magExp: 2,
  minPower: 1e-10,
  refPower: 1,
};

/**
 * The loudness of a signal in bands that are equally broad on the mel scale 1127 · ln(1 + f / 700),
 * from frames that are centred, the signal mirrored at its ends. With `powerToDb` the value of one
 * signal may depend on the others of its batch, by `topDb`, as in Keras.
 *
 * @shape [B,T] → [B,numMelBins,⌊T / sequenceStride⌋ + 1], or [T] → [numMelBins,⌊T / sequenceStride⌋ + 1]
 * @throws BAD_ARGUMENT when fftLength is shorter than sequenceLength, or a frequency lies outside of 0 to half the sampling rate
 * @example
 * const bands = melSpectrogram({ fftLength: 256, sequenceStride: 128, samplingRate: 8000, numMelBins: 20 });
 * const x = layers.input([1024]);
 * console.log(bands(x).shape); // ["batch", 20, 9]
 */
export const melSpectrogram: LayerFactory<MelSpectrogramOptions> = defineLayer({
  className: "MelSpectrogram",
  inputDType: "float32",
  defaults: DEFAULTS,
  check: (config, where) => {
    const sequenceLength = wholeNumber(where, "sequenceLength", config.sequenceLength ?? config.fftLength);
    const samplingRate = positive(where, "samplingRate", config.samplingRate);
    const maxFreq = config.maxFreq ?? Math.floor(samplingRate / 2);
    checkWindow(where, config.window, sequenceLength, ["hann", "hamming"]);
    if (!(config.minFreq >= 0 && config.minFreq < maxFreq)) throw badOption(where, "minFreq", `from 0 to under the maxFreq ${maxFreq}`, config.minFreq);
    return {
      ...config,
      fftLength: wholeNumber(where, "fftLength", config.fftLength, sequenceLength),
      sequenceLength,
      sequenceStride: wholeNumber(where, "sequenceStride", config.sequenceStride),
      numMelBins: wholeNumber(where, "numMelBins", config.numMelBins),
      maxFreq: positive(where, "maxFreq", maxFreq),
      topDb: positive(where, "topDb", config.topDb),
      magExp: positive(where, "magExp", config.magExp),
      minPower: positive(where, "minPower", config.minPower),
    };
  },
  call: ({ config, where }, x) => {
    const signals = x.rank === 1 ? expandDims(x, 0) : x;
    needRank(where, signals.shape, 2, "[batch, time]");
    const power = powerSpectrogram(signals, {
      frameLength: config.sequenceLength!,
      frameStep: config.sequenceStride,
      fftLength: config.fftLength,
      window: config.window as NonNullable<MelSpectrogramOptions["window"]> | null,
    }); // [B,F,bins]
    const { magExp } = config;
    const strength = magExp === 2 ? power : rootOrZero(power, (positive) => pow(positive, magExp / 2));
    const loudness = matmul(bandsOf(power, config), strength, { transposeB: true }); // [B,bands,F]
    const y = config.powerToDb ? decibels(loudness, config) : loudness;
    return x.rank === 1 ? squeeze(y, 0) : y;
  },
});

function bandsOf(power: Tensor, { numMelBins, samplingRate, minFreq, maxFreq }: typeof DEFAULTS): Tensor {
  const bins = power.shape[2] as number;
  checkTable("melSpectrogram", numMelBins * bins);
  const weights = melWeights({ bands: numMelBins, bins, samplingRate, minFreq, maxFreq: maxFreq! });
  return constant(arrayOf(power.dtype, weights), [numMelBins, bins], power.dtype);
}

function decibels(x: Tensor, { minPower, refPower, topDb }: typeof DEFAULTS): Tensor {
  const reference = 10 * Math.log10(Math.max(Math.abs(refPower), minPower));
  const loudness = sub(mul(log(maximum(x, minPower)), 10 / Math.LN10), reference);
  return maximum(loudness, sub(max(loudness), topDb));
}

function positive(where: string, option: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
  throw badOption(where, option, "a number above 0", value);
}
