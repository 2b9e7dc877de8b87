/** f in Hz on the mel scale of HTK: 1127 · ln(1 + f / 700). */
function mel(hertz: number): number {
  return 1127 * Math.log1p(hertz / 700);
}

/** How {@link melWeights} divides the frequencies. */
export interface MelOptions {
  /** Bands, at least 1. */
  readonly bands: number;
  /** Frequencies of the spectrum, from 0 to half the sampling rate. */
  readonly bins: number;
  /** Samples in a second. */
  readonly samplingRate: number;
  /** Hz. */
  readonly minFreq: number;
  /** Hz. */
  readonly maxFreq: number;
}

/**
 * For each band the weight of each frequency, [bands,bins] in row-major order: triangles on the mel
 * scale with a peak of 1, each reaching from the centre of one neighbour to that of the other. The
 * frequency 0 belongs to no band.
 */
export function melWeights({ bands, bins, samplingRate, minFreq, maxFreq }: MelOptions): Float32Array {
  const [low, high] = [mel(minFreq), mel(maxFreq)];
  const step = (high - low) / (bands + 1);
  return Float32Array.from({ length: bands * bins }, (_, at) => {
    const [band, bin] = [Math.floor(at / bins), at % bins];
    if (bin === 0) return 0;
    const place = (mel((bin * samplingRate) / 2 / (bins - 1)) - low) / step;
    return Math.max(0, 1 - Math.abs(place - band - 1));
  });
}
