/** Two ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The normal quantile that leaves 2.5 % above it. */
const Z = 1.959963984540054;

/**
 * The 95 % Wilson interval of a share: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
 *
 * Unlike p ± z·√(p(1−p)/n) it stays within 0 to 1 and keeps a width when everything, or nothing, is right.
 *
 * @example
 * wilsonInterval(97, 100); // { low: 0.9155, high: 0.9897 }
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  const p = successes / trials;
  const center = p + (Z * Z) / (2 * trials);
  const reach = Z * Math.sqrt((p * (1 - p)) / trials + (Z * Z) / (4 * trials * trials));
  const scale = 1 + (Z * Z) / trials;
  // At p = 0 and p = 1 one end is p itself, which rounding would miss by a hair.
  const low = Math.min(p, Math.max(0, (center - reach) / scale));
  const high = Math.max(p, Math.min(1, (center + reach) / scale));
  return { low, high };
}
