import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import * as image from "./index.js";
import type { ResizeOptions } from "./resize.js";

const fixtures = readFixtures(new URL("./image.fixtures.json", import.meta.url));

const RESIZES: Record<string, [sizes: number[], options?: ResizeOptions]> = {
  "bilinear, larger": [[5, 7]],
  "bilinear, smaller": [[2, 3]],
  "bilinear, corners": [[5, 2], { coordinates: "alignCorners" }],
  "bilinear, antialias": [[2, 3], { antialias: true }],
  "bilinear, one axis": [[5]],
  "bilinear, channels last": [[4, 6], { axes: [1, 2] }],
  "bilinear, asymmetric": [[5], { coordinates: "asymmetric" }],
  "bicubic, larger": [[6, 7], { method: "bicubic", antialias: true }],
  "bicubic, antialias": [[3, 4], { method: "bicubic", antialias: true }],
  "nearest, larger": [[5, 7], { method: "nearest" }],
  "nearest, smaller": [[2, 3], { method: "nearest" }],
  "nearest, asymmetric": [[5, 3], { method: "nearest", coordinates: "asymmetric" }],
  "nearest, whole factors": [[6, 4], { method: "nearest" }],
  "nearest, corners": [[5], { method: "nearest", coordinates: "alignCorners" }],
  "to one": [[1, 1]],
};

opTests(image, fixtures, {
  resize: Object.entries(RESIZES).map(([name, [sizes, options]]): OpCase => {
    return { name, call: (x) => image.resize(x, sizes, options), freeBatch: true };
  }) as [OpCase, ...OpCase[]],
});
