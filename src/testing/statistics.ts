/** The mean. */
export function meanOf(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
}

/** The biased variance, in two passes. */
export function varianceOf(x: ArrayLike<number>): number {
  const mean = meanOf(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - mean) ** 2;
  return sum / x.length;
}

/** Pearson's correlation. */
export function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [mx, my] = [meanOf(x), meanOf(y)];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - mx) * (y[i]! - my);
  return sum / x.length / Math.sqrt(varianceOf(x) * varianceOf(y));
}

/**
 * How many standard deviations χ² of counts over `bins` equally likely values lies from its mean,
 * by the Wilson-Hilferty cube root, good to a few percent at 5 deviations for 20 bins or more.
 */
export function chiSquareZ(values: readonly number[], bins: number): number {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[value]! += 1;
  const expected = values.length / bins;
  const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const k = bins - 1;
  return (Math.cbrt(chi2 / k) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
}
