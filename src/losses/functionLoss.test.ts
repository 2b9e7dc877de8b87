import { expect, test } from "vitest";
import "../testing/engine.js";
import { layers, sequential } from "../index.js";

// Flat labels beside predictions [B,1] must not broadcast to [B,B], nor whole numbers stay int32.
test.each([[[1.5, 2, 5]], [[1, 2, 5]]])("a function as loss is given labels %j as built-in losses are", async (y) => {
  const x = [[1], [2], [3]];
  const build = () => sequential([layers.input([1]), layers.dense({ units: 1 })], { seed: 2 });
  const own = build().compile({ optimizer: "sgd", loss: (t, p) => p.sub(t).abs().mean({ axes: -1 }) });
  const builtIn = build().compile({ optimizer: "sgd", loss: "mae" });
  expect((await own.evaluate({ x, y })).loss).toBeCloseTo((await builtIn.evaluate({ x, y })).loss, 6);
});
