import { expect, it } from "vitest";
import { graphOf, placeholder } from "../../graph/graph.js";
import { plainRun } from "../../testing/plainRun.js";
import { repeat } from "./repeat.js";

// Resize places elements by a division in float32, which must never fall short of a whole number.
it.each([2, 3, 5, 6, 7, 10, 49])("repeats each of many elements exactly %d times", async (count) => {
  const size = 401;
  const data = Float32Array.from({ length: size }, (_, i) => i);
  const x = placeholder([size, 1], "float32", "x");
  const [found] = await plainRun(graphOf([x], [repeat(x, count)]), [{ data, shape: [size, 1], dtype: "float32" }]);
  expect(Array.from(found!.data, Number)).toEqual(Array.from({ length: size * count }, (_, i) => Math.floor(i / count)));
});
