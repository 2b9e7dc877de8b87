import fc from "fast-check";
import { expect, test } from "vitest";
import { niceTicks, wholeTicks } from "./ticks.js";

test.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], 1],
  [0.63, 0.98, [0.6, 0.7, 0.8, 0.9, 1], 1],
  [0, 2300, [0, 500, 1000, 1500, 2000, 2500], 0],
  [0.0012, 0.0018, [0.0012, 0.0014, 0.0016, 0.0018], 4],
])("ticks from %d to %d are round", (low, high, values, decimals) => {
  const ticks = niceTicks(low, high, 5);
  expect(ticks.values.map((value) => value.toFixed(4))).toEqual(values.map((value) => value.toFixed(4)));
  expect(ticks.decimals).toBe(decimals);
});

test("ticks cover any range in few steps", () => {
  const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(bound, bound, (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const { values } = niceTicks(low, high, 5);
      // A millionth of the axis cannot be seen.
      const slack = 1e-6 * (values.at(-1)! - values[0]!);
      expect(values.length).toBeGreaterThanOrEqual(2);
      expect(values.length).toBeLessThanOrEqual(8);
      expect(values[0]!).toBeLessThanOrEqual(low + slack);
      expect(values.at(-1)!).toBeGreaterThanOrEqual(high - slack);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [1, [1]],
  [2, [1, 2]],
  [5, [1, 2, 3, 4, 5]],
  [30, [1, 5, 10, 15, 20, 25, 30]],
  [400, [1, 100, 200, 300, 400]],
])("epochs 1 to %d are labelled with both ends", (last, values) => {
  expect(wholeTicks(last, 6)).toEqual(values);
});
