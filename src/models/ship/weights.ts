/** Weights as whole numbers of 8 bits: w ≈ values · scale, with a scale for each channel. */
export interface Int8Weights {
  readonly values: Int8Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

const LARGEST = 127;
/** Smaller scales would lie where floats lose their precision. */
const SMALLEST_SCALE = 1e-30;

/**
 * Weights as 8-bit numbers around 0, each within half a step of the scale of its channel, which is an
 * index along `axis`.
 *
 * Processors without VNNI add two products of an unsigned activation and a weight in 16 bits, where
 * they saturate. So the scale also keeps any two weights of a channel with the same sign from adding
 * up to more than 128, as 255 · 128 still fits.
 *
 * @param least the smallest scale that each channel may have
 */
export function quantizeWeights(data: Float32Array, shape: readonly number[], axis: number, least?: Float32Array): Int8Weights {
  const channels = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  // The two largest of each sign, by channel.
  const [first, second] = [new Float64Array(2 * channels), new Float64Array(2 * channels)];
  data.forEach((value, i) => {
    const at = 2 * channelOf(i) + (value < 0 ? 1 : 0);
    const size = Math.abs(value);
    if (size > first[at]!) [second[at], first[at]] = [first[at]!, size];
    else if (size > second[at]!) second[at] = size;
  });
  const scales = Float32Array.from({ length: channels }, (_, c) => {
    const largest = Math.max(first[2 * c]! + second[2 * c]!, first[2 * c + 1]! + second[2 * c + 1]!);
    return largest === 0 && least === undefined ? 1 : Math.max(largest / LARGEST, least?.[c] ?? 0, SMALLEST_SCALE);
  });
  const values = Int8Array.from(data, (value, i) => Math.round(value / scales[channelOf(i)]!));
  return { values, scales };
}
