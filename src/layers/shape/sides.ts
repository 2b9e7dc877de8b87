import { badOption, wholeNumber } from "../options.js";

/** Elements before and after one axis. */
export type Sides = readonly [number, number];

/** Keras's spellings: one number, one for each axis, or one for each side of each axis. */
export type SidesPerAxis = number | Sides | readonly number[] | readonly Sides[];

/** Elements before and after each of `rank` spatial axes; of one axis, a pair are its two sides. */
export function sidesPerAxis(where: string, option: string, value: unknown, rank: number): readonly Sides[] {
  const whole = (item: unknown): number => wholeNumber(where, option, item, 0);
  if (!Array.isArray(value)) return Array.from({ length: rank }, (): Sides => [whole(value), whole(value)]);
  const axes: readonly unknown[] = rank === 1 && value.length === 2 ? [value] : value;
  if (axes.length !== rank) throw badOption(where, option, `one number, or one or two for each of ${rank} axes`, value);
  return axes.map((sides): Sides => {
    if (!Array.isArray(sides)) return [whole(sides), whole(sides)];
    if (sides.length !== 2) throw badOption(where, option, "two numbers an axis, before and after", value);
    return [whole(sides[0]), whole(sides[1])];
  });
}
