import { expect, test } from "vitest";
import { fromArrays } from "./arrays.js";
import { audit } from "./audit.js";
import { csv } from "./csv/csv.js";

const DIGITS = new URL("../../examples/data/digits.csv", import.meta.url);

test("finds what was planted", async () => {
  const data = fromArrays({
    inputs: {
      x: [[1, 5, 0], [1, 5, 0], [2, 5, 0], [2, 5, 1], [2, 5, 1], [NaN, 5, Infinity], [3, 5, -4]],
      gap: [2, 2, 2, 2, 2, NaN, 2],
    },
    labels: [0, 0, 0, 1, 0, 0, 0],
    classNames: ["cat", "dog", "emu"],
  });
  const report = await audit(data);
  expect(report.rows).toBe(7);
  expect(report.classes.map(({ name, count }) => [name, count])).toEqual([["cat", 6], ["dog", 1], ["emu", 0]]);
  expect(report.classes[0]!.share).toBeCloseTo(6 / 7, 12);
  expect(report.imbalance).toBe(Infinity);
  expect(report.duplicates).toEqual({ groups: 2, rows: 2 });
  expect(report.conflictingDuplicates).toEqual({ groups: 1, rows: 2 });
  expect(report.constantColumns).toEqual(["x[1]"]);
  expect(report.missing).toEqual({ x: 1, gap: 1 });
  expect(report.nonFinite).toEqual({ x: 1 });
  expect(report.ranges["x"]).toEqual({ min: -4, max: 5 });
});

test("the digits: sizes, classes, constant pixels, no duplicates", async () => {
  const report = await audit(await csv(DIGITS, { label: "label", shape: [8, 8, 1], scale: 1 / 16 }));
  expect(report.rows).toBe(1797);
  expect(report.classes.map(({ count }) => count)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  expect(report.imbalance).toBeCloseTo(183 / 174, 12);
  expect(report.constantColumns).toEqual(["pixel_0_0", "pixel_4_0", "pixel_4_7"]);
  expect(report.duplicates).toEqual({ groups: 0, rows: 0 });
  expect(report.ranges["pixel_0_2"]).toEqual({ min: 0, max: 1 });
});

test("names missing features of a CSV file", async () => {
  const data = await csv({ text: "a,b,y\n1,NA,0\n2,NA,1\n3,4,1\n" }, { label: "y", missing: "keep" });
  const report = await audit(data);
  expect(report.missing).toEqual({ b: 2 });
  expect(report.ranges).toEqual({ a: { min: 1, max: 3 }, b: { min: 4, max: 4 }, y: { min: 0, max: 1 } });
});

test("the report fits 80 columns and marks what was found", async () => {
  const long = "a_name_that_is_much_longer_than_any_table_would_like_it_to_be_in_eighty_columns";
  const header = `${long},${"b".repeat(30)},${"c".repeat(50)}`;
  const data = await csv({ text: `${header}\n1,0.000001234,ten\n1,123456789.5,two\n1,123456789.5,two\n` }, { label: 2 });
  const text = String(await audit(data));
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).toContain("! duplicates  1 extra copy of 1 row");
  expect(text).toContain("! constant    1 feature: a_name");
  expect(text).toContain("✓ missing     none");
});

test("many classes are cut to the largest and smallest", async () => {
  const labels = Array.from({ length: 60 }, (_, i) => i).flatMap((i) => Array.from({ length: i + 1 }, () => i));
  const text = String(await audit(fromArrays({ inputs: labels.map((_, i) => [i]), labels })));
  expect(text).toContain("… 40 more");
  expect(text.split("\n").length).toBeLessThan(40);
  expect(text).toMatch(/\n {2}59 +60 /);
  expect(text).toMatch(/\n {2}0 +1 /);
});

test("a single class is no balance", async () => {
  const report = await audit(fromArrays({ inputs: [1, 2, 3], labels: [0, 0, 0] }));
  expect(report.toString()).toContain("! imbalance   one class only");
});
