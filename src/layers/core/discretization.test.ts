import { describe, expect, it } from "vitest";
import { fromBytes } from "../../models/load.js";
import { sequential } from "../../models/sequential.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import "../../testing/engine.js";
import { discretization } from "./discretization.js";
import { input } from "./input.js";

const data = [[3, 1], [4, 1.5], [5, 9], [2, 6]];

describe("Discretization", () => {
  // By Keras 3.15.
  it.each([
    ["int", [[1, 0], [1, 0], [2, 2], [1, 2]]],
    ["oneHot", [[[0, 1, 0], [1, 0, 0]], [[0, 1, 0], [1, 0, 0]], [[0, 0, 1], [0, 0, 1]], [[0, 1, 0], [0, 0, 1]]]],
    ["multiHot", [[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]]],
    ["count", [[1, 1, 0], [1, 1, 0], [0, 0, 2], [0, 1, 1]]],
  ] as const)("gives %s", async (outputMode, wanted) => {
    const model = sequential([input([2]), discretization({ binBoundaries: [2, 5], outputMode })]);
    expect(await (await model.predict(data)).toArray()).toEqual(wanted);
    expect(await (await (await fromBytes(await model.toBytes())).predict(data)).toArray()).toEqual(wanted);
  });

  it("gives one row for a column of single numbers", () => {
    expect(discretization({ binBoundaries: [0], outputMode: "oneHot" })(input([1])).shape).toEqual(["batch", 2]);
  });

  // By Keras 3.15's own quantiles; of fewer numbers than bins, all but the last.
  it.each([
    [2, [3]],
    [3, [11 / 6, 13 / 3]],
    [4, [1.5, 3, 5]],
    [8, [1, 1.5, 2, 3, 4, 5, 6]],
    [10, [1, 1.5, 2, 3, 4, 5, 6]],
  ])("learns %d bins", async (numBins, wanted) => {
    const layer = discretization({ numBins });
    await layer.adapt(data);
    const { binBoundaries } = layer.config as { binBoundaries: number[] };
    // Keras rounds to float32.
    expectClose(binBoundaries, wanted, 1e-6);
    const model = await fromBytes(await sequential([input([2]), layer]).toBytes());
    const counts = (x: number): number => wanted.filter((edge) => Math.fround(x) >= Math.fround(edge)).length;
    expect(await (await model.predict([[3.3, 10]])).toArray()).toEqual([[counts(3.3), counts(10)]]);
  });

  it("refuses options that do not say what the bins are, and use before adapt", async () => {
    expect(mistake(() => discretization()).where).toBe("discretization, option numBins");
    expect(mistake(() => discretization({ numBins: 1 })).where).toBe("discretization, option numBins");
    expect(mistake(() => discretization({ binBoundaries: [2, 1] })).where).toBe("discretization, option binBoundaries");
    expect(mistake(() => discretization({ binBoundaries: [1], outputMode: "hot" as never })).where).toMatch(/outputMode$/);
    expect(mistake(() => discretization({ numBins: 3 })(input([2]))).expected).toContain("adapt");
    await expect(discretization({ binBoundaries: [1] }).adapt(data)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(discretization({ numBins: 2 }).adapt([])).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
