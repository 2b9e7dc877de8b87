/** What the quantized values of an activation stand for: (q − zeroPoint) · scale, q from 0 to 255. */
export interface Quantizer {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** From the smallest to the largest value that is kept apart. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How a range is found from the values of an activation on the calibration data. */
export type RangeMethod = "minMax" | "percentile" | "entropy";

export const RANGE_METHODS: readonly RangeMethod[] = ["minMax", "percentile", "entropy"];

const LEVELS = 256;
const BINS = 2048;

/** How many values of an activation lie where, between its extremes. */
export class Histogram {
  readonly range: Range;
  readonly counts = new Float64Array(BINS);

  constructor(range: Range) {
    this.range = range;
  }

  add(values: Float32Array): void {
    const { low, high } = this.range;
    const factor = high > low ? BINS / (high - low) : 0;
    for (const value of values) {
      const bin = Math.floor((value - low) * factor);
      this.counts[bin < 0 ? 0 : bin < BINS ? bin : BINS - 1]!++;
    }
  }

  /** The range that leaves out the given share of values, in percent, at both ends together. */
  percentile(percent: number): Range {
    const { low, high } = this.range;
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    const outside = (total * (1 - percent / 100)) / 2;
    const step = (high - low) / BINS;
    let [first, last] = [0, BINS - 1];
    for (let sum = this.counts[first]!; sum <= outside && first < last; sum += this.counts[first]!) first++;
    for (let sum = this.counts[last]!; sum <= outside && last > first; sum += this.counts[last]!) last--;
    return { low: low + first * step, high: high - (BINS - 1 - last) * step };
  }

  /**
   * The range whose 256 levels tell most of the distribution: the smallest Kullback-Leibler divergence
   * between the values cut off at its ends and their quantized form, over ranges that shrink towards 0.
   */
  entropy(): Range {
    const { low, high } = this.range;
    let [best, least] = [this.range, Infinity];
    for (let kept = BINS; kept >= LEVELS; kept -= 16) {
      const share = kept / BINS;
      const range = { low: low * share, high: high * share };
      const first = Math.round(((range.low - low) / (high - low)) * BINS);
      const divergence = divergenceOf(this.counts, first, Math.min(BINS, first + kept));
      if (divergence < least) [best, least] = [range, divergence];
    }
    return best;
  }
}

/** KL between counts with all outside [from, to) added to its ends, and the same in 256 levels. */
function divergenceOf(counts: Float64Array, from: number, to: number): number {
  const cut = counts.slice(from, to);
  for (let i = 0; i < from; i++) cut[0]! += counts[i]!;
  for (let i = to; i < counts.length; i++) cut[cut.length - 1]! += counts[i]!;
  const total = cut.reduce((sum, count) => sum + count, 0);
  let [divergence, lost] = [0, 0];
  for (let level = 0; level < LEVELS; level++) {
    const [begin, end] = [level, level + 1].map((at) => Math.round((at * cut.length) / LEVELS)) as [number, number];
    // What is cut off is no part of what a level holds by itself.
    const inside = counts.subarray(from + begin, from + end);
    const sum = inside.reduce((a, b) => a + b, 0);
    const filled = inside.reduce((a, b) => a + (b > 0 ? 1 : 0), 0);
    for (let i = begin; i < end; i++) {
      const p = cut[i]! / total;
      if (p === 0) continue;
      const q = counts[from + i]! > 0 ? sum / filled / total : 0;
      if (q > 0) divergence += p * Math.log(p / q);
      else lost += p;
    }
  }
  return divergence + lost * 10;
}

/** The levels of a range, 0 always being one of them. */
export function quantizerOf({ low, high }: Range): Quantizer {
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.fround((to - from) / (LEVELS - 1));
  // Too small a scale would divide by zero in half the places that read it.
  if (!(scale > 1e-30)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(LEVELS - 1, Math.max(0, Math.round(-from / scale))) };
}
