/** The steps of {@link mix}: each is x ^= x >>> shift, then, but for the last, x *= factor. */
export const MIX_SHIFTS = [16, 15, 16] as const;
/** Odd factors known to flip every output bit in about half of all one-bit changes of the input. */
export const MIX_FACTORS = [0x7feb352d, 0x846ca68b] as const;

/**
 * A bijection of uint32 in which every input bit reaches every output bit
 * (two xorshift-multiply rounds). Whole numbers outside uint32 are taken modulo 2³².
 */
export function mix(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> MIX_SHIFTS[0]), MIX_FACTORS[0]);
  h = Math.imul(h ^ (h >>> MIX_SHIFTS[1]), MIX_FACTORS[1]);
  return (h ^ (h >>> MIX_SHIFTS[2])) >>> 0;
}
