import { NacreError } from "../error.js";
import { type Dim, concreteDim } from "../tensor/dim.js";
import { type Shape, formatShape } from "../tensor/shape.js";

/**
 * An option's value, which must be a whole number of at least `least`, default 1.
 *
 * @throws BAD_ARGUMENT naming the layer and the option
 * @example
 * const units = wholeNumber('project "head"', "units", 8);
 */
export function wholeNumber(where: string, option: string, value: unknown, least = 1): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw badOption(where, option, `a whole number of at least ${least}`, value);
}

/** Refuses an option outside [low, high], or [low, high) where `open`. */
export function numberWithin(
  where: string,
  option: string,
  value: unknown,
  low: number,
  high: number,
  open = false,
): number {
  if (typeof value === "number" && value >= low && (open ? value < high : value <= high)) return value;
  throw badOption(where, option, `a number from ${low} to ${open ? "under " : ""}${high}`, value);
}

/** Refuses an option that is none of `choices`. */
export function oneOf<T extends string>(where: string, option: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  throw badOption(where, option, `one of ${choices.map((c) => `"${c}"`).join(", ")}`, value);
}

/** An error about one option's value. */
export function badOption(where: string, option: string, expected: string, value: unknown): NacreError {
  const received = value === undefined ? "nothing" : JSON.stringify(value) ?? typeof value;
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `${where}, option ${option}`,
    expected,
    received,
    fix: value === undefined ? `give ${option} in the layer's options` : `change ${option}`,
  });
}

/** Refuses an input of another rank. */
export function needRank(where: string, shape: Shape, rank: number, axes: string): void {
  if (shape.length === rank) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: `an input of ${rank} axes ${axes}`,
    received: formatShape(shape),
    fix: shape.length < rank ? "add the missing axes with reshape" : "flatten or reshape the input first",
  });
}

/** Refuses an input whose axis differs from what the layer was built for. */
export function needAxis(where: string, shape: Shape, axis: number, size: Dim, what: string): void {
  if (shape.at(axis) === size) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: `${what} ${size}`,
    received: `${shape.at(axis)} in ${formatShape(shape)}`,
    fix: "feed an input like the one that the layer was built for, or build a new layer",
  });
}

/**
 * The size of an input's axis, which must be known when a layer is built; −1 is the last axis.
 *
 * @throws SHAPE_MISMATCH when it is not, as that of the batch is not
 * @example
 * const features = knownDim('project "head"', ["batch", 8], -1); // 8
 */
export function knownDim(where: string, shape: Shape, axis: number): number {
  return concreteDim(shape.at(axis) ?? "missing", where);
}
