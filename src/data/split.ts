import { NacreError } from "../error.js";
import { shuffledIndices } from "./rng.js";

/** What decides on which side of a split each row goes. */
export interface SplitRows {
  /** Share of the rows that go to the test side, above 0 and below 1. */
  readonly share: number;
  readonly seed: number;
  /** For each row the number of its class; rows of a class are divided by `share`. */
  readonly classes: Uint32Array;
  /** For each row the number of its unit; the rows of a unit stay together. */
  readonly units: Uint32Array;
}

/** Rows that go to one side together, with how many rows of each class they hold. */
type Unit = Map<number, number>;

/**
 * Divides rows in two: row numbers in ascending order for each side.
 *
 * Each class sends `floor` or `ceil` of its share to the test side, as near as whole units allow;
 * a class always keeps a row on the train side.
 *
 * @throws BAD_DATA when there are fewer than two units
 */
export function splitRows({ share, seed, classes, units }: SplitRows): { train: Uint32Array; test: Uint32Array } {
  const members = unitsOf(classes, units);
  if (members.length < 2) throw tooFewUnits(classes.length);
  const gaps = testTargets(classes, share);
  const order = shuffledIndices(members.length, seed, 0);
  const chosen = new Set<number>();
  const choose = (unit: number) => {
    chosen.add(unit);
    for (const [label, count] of members[unit]!) gaps[label]! -= count;
  };

  // First what fits exactly, then what brings a class nearer to its target although it overshoots.
  for (const unit of order) {
    if (fits(members[unit]!, gaps)) choose(unit);
  }
  for (const unit of order) {
    if (!chosen.has(unit) && gain(members[unit]!, gaps) > 0) choose(unit);
  }
  if (chosen.size === 0) choose(leastHarm(order, members, gaps));
  if (chosen.size === members.length) chosen.delete(order.at(-1)!);

  const rows = Uint32Array.from(units.keys());
  return {
    train: rows.filter((row) => !chosen.has(units[row]!)),
    test: rows.filter((row) => chosen.has(units[row]!)),
  };
}

function unitsOf(classes: Uint32Array, units: Uint32Array): Unit[] {
  const members: Unit[] = [];
  for (const [row, unit] of units.entries()) {
    const counts = (members[unit] ??= new Map<number, number>());
    counts.set(classes[row]!, (counts.get(classes[row]!) ?? 0) + 1);
  }
  return members;
}

/** How many rows of each class should be tested: whole numbers that add up to the whole share. */
function testTargets(classes: Uint32Array, share: number): number[] {
  const counts: number[] = [];
  for (const label of classes) counts[label] = (counts[label] ?? 0) + 1;
  const targets = counts.map((count) => Math.floor(count * share));
  let left = Math.round(classes.length * share) - targets.reduce((sum, n) => sum + n, 0);
  const byRemainder = [...counts.keys()].sort((a, b) => ((counts[b]! * share) % 1) - ((counts[a]! * share) % 1));
  for (const label of byRemainder) {
    const exact = counts[label]! * share;
    if (left <= 0 || targets[label]! >= exact || targets[label]! + 1 >= counts[label]!) continue;
    targets[label]!++;
    left--;
  }
  return targets;
}

function fits(unit: Unit, gaps: readonly number[]): boolean {
  return [...unit].every(([label, count]) => count <= gaps[label]!);
}

/** How much nearer to the targets the test side comes with this unit. */
function gain(unit: Unit, gaps: readonly number[]): number {
  let sum = 0;
  for (const [label, count] of unit) sum += Math.abs(gaps[label]!) - Math.abs(gaps[label]! - count);
  return sum;
}

function leastHarm(order: Uint32Array, members: readonly Unit[], gaps: readonly number[]): number {
  return order.reduce((best, unit) => (gain(members[unit]!, gaps) > gain(members[best]!, gaps) ? unit : best));
}

/** Numbers the sets that arise when rows with equal keys, in any of the lists of keys, belong together. */
export function joinRows(rows: number, keyLists: readonly Float64Array[]): Uint32Array {
  const parent = Uint32Array.from({ length: rows }, (_, i) => i);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (const keys of keyLists) {
    const first = new Map<number, number>();
    for (const [row, key] of keys.entries()) {
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, row);
      else parent[root(row)] = root(earlier);
    }
  }
  return numberKeys(Float64Array.from({ length: rows }, (_, row) => root(row)));
}

/** Numbers equal keys alike: 0 for the first key met, 1 for the next, and so on. */
export function numberKeys(keys: Float64Array): Uint32Array {
  const numbers = new Map<number, number>();
  return Uint32Array.from(keys, (key) => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  });
}

function tooFewUnits(rows: number): NacreError {
  return new NacreError({
    code: "BAD_DATA",
    where: "dataset.split",
    expected: "at least two rows, or sets of rows, that may be separated",
    received: rows < 2 ? `${rows} rows` : `${rows} rows that all belong together`,
    fix: rows < 2 ? "add rows" : "check the group column, or set keepDuplicatesTogether to false",
  });
}
