import { badOption } from "../layers/options.js";

/** A range: both ends, or one number that stands for a range around or from 0. */
export type Range = number | readonly [low: number, high: number];

/** Within which bounds a range must lie, and what a single number stands for. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** Whether `low` itself is refused. Default false. */
  readonly open?: boolean;
}

/**
 * The ends of a range, in order. A single number f stands for −|f| to |f|, cut off at the lower
 * bound: for factors from 0 on, that is 0 to f.
 *
 * @throws BAD_ARGUMENT naming the layer and the option
 */
export function rangeOf(where: string, option: string, value: unknown, bounds: Bounds): readonly [low: number, high: number] {
  const fits = (end: unknown): end is number =>
    typeof end === "number" && end <= bounds.high && (bounds.open === true ? end > bounds.low : end >= bounds.low);
  if (Array.isArray(value) && value.length === 2 && value.every(fits)) {
    const [a, b] = value as [number, number];
    return [Math.min(a, b), Math.max(a, b)];
  }
  if (fits(value)) return [Math.max(-Math.abs(value), bounds.low), Math.abs(value)];
  const from = bounds.open === true ? `above ${bounds.low}` : `from ${bounds.low}`;
  throw badOption(where, option, `a number ${from} to ${bounds.high}, or two of them`, value);
}

/** Least and greatest value of a pixel. */
export type ValueRange = readonly [low: number, high: number];

/** What the `valueRange` of images is by default, as in Keras. */
export const BYTES: ValueRange = [0, 255];

/** Refuses what is not two different numbers; gives them in order. */
export function valueRangeOf(where: string, value: unknown): ValueRange {
  if (Array.isArray(value) && value.length === 2 && value.every((end) => Number.isFinite(end)) && value[0] !== value[1]) {
    const [a, b] = value as [number, number];
    return [Math.min(a, b), Math.max(a, b)];
  }
  throw badOption(where, "valueRange", "the least and the greatest value of a pixel, such as [0, 1]", value);
}
