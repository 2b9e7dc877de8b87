import { expect, it } from "vitest";
import { matcher } from "./pattern.js";

const PATHS = ["encoder", "encoder/dense", "encoder/dense/kernel", "encoder/dense_1/bias", "head/kernel", "a.b"];

it.each([
  ["encoder", [0]],
  ["encoder/**", [0, 1, 2, 3]],
  ["encoder/*", [1]],
  ["**/kernel", [2, 4]],
  ["*/kernel", [4]],
  ["**", [0, 1, 2, 3, 4, 5]],
  ["encoder/**/bias", [3]],
  ["*.?", [5]],
  ["enc*", [0]],
  ["**dense**", [1, 2, 3]],
  [/dense$/, [1]],
  [/kernel/g, [2, 4]],
])("%s", (pattern, expected) => {
  const means = matcher("test", pattern);
  expect(PATHS.flatMap((path, i) => (means(path) ? [i] : []))).toEqual(expected);
});
