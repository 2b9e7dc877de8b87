/** Round numbers along an axis, and how to write them. */
export interface Ticks {
  readonly values: readonly number[];
  /** Decimals that tell the values apart. */
  readonly decimals: number;
}

/** Below this everything is 0 on a chart. */
const TINY = 1e-30;

/** Multiples of 1, 2 or 5 times a power of ten that cover `low` to `high` in about `wanted` steps. */
export function niceTicks(low: number, high: number, wanted: number): Ticks {
  const size = Math.max(Math.abs(low), Math.abs(high));
  // A constant gets an axis of its own size.
  const span = high - low > 1e-9 * size + TINY ? high - low : size > TINY ? size : 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = power * ([1, 2, 5].find((factor) => span / (factor * power) <= wanted) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return {
    values: Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step),
    decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  };
}

/** Whole numbers from 1 to `last`, about `wanted` of them, both ends among them. */
export function wholeTicks(last: number, wanted: number): number[] {
  const step = Math.max(1, ...niceTicks(0, last, wanted).values.slice(1, 2));
  const inner: number[] = [];
  for (let value = step; value < last; value += step) {
    if (value > 1 && last - value > step / 2) inner.push(value);
  }
  return last === 1 ? [1] : [1, ...inner, last];
}
