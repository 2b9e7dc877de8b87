import { describe, expect, it } from "vitest";
import { grad } from "../autodiff/index.js";
import { dataTensor } from "../tensor/convert.js";
import type { Tensor } from "../tensor/tensor.js";
import "../testing/engine.js";
import * as regularizers from "./index.js";

const W = dataTensor([[3, 0.5], [-4, 0.1], [0, -0.2]]);

describe("regularizers", () => {
  // Keras 3.15.
  it.each([
    [regularizers.l1({ l1: 0.1 }), 0.78],
    [regularizers.l2({ l2: 0.1 }), 2.53],
    [regularizers.l1l2({ l1: 0.1, l2: 0.2 }), 5.84],
    [regularizers.orthogonalRegularizer({ factor: 0.5, mode: "rows" }), 0.195228],
    [regularizers.orthogonalRegularizer({ factor: 0.5, mode: "columns" }), 0.2008316],
  ])("$className gives Keras's penalty, also from its stored form", async (regularizer, want) => {
    const again = regularizers.deserialize(JSON.parse(JSON.stringify(regularizers.serialize(regularizer))) as never);
    expect(await again.call(W).item()).toBeCloseTo(want, 5);
  });

  it("have gradients", async () => {
    const slope = await grad((w: Tensor) => regularizers.l1l2({ l1: 1, l2: 0.5 }).call(w))(dataTensor([2, -1, 0])).data();
    expect([...slope]).toEqual([3, -2, 0]);
  });

  it("refuse what they cannot take", () => {
    expect(() => regularizers.orthogonalRegularizer().call(dataTensor([1, 2]))).toThrow(/a matrix/);
    expect(() => regularizers.get("l3")).toThrow(/did you mean/);
  });
});
