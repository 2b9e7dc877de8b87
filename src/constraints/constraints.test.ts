import { describe, expect, it } from "vitest";
import { dataTensor } from "../tensor/convert.js";
import "../testing/engine.js";
import * as constraints from "./index.js";

const W = dataTensor([[3, 0.5], [-4, 0.1], [0, -0.2]]);

describe("constraints", () => {
  // Keras 3.15, six digits.
  it.each([
    [constraints.maxNorm({ maxValue: 2 }), [1.2, 0.5, -1.6, 0.1, 0, -0.2]],
    [constraints.unitNorm(), [0.6, 0.912871, -0.8, 0.182574, 0, -0.365148]],
    [constraints.minMaxNorm({ minValue: 0.6, maxValue: 2, rate: 0.5 }), [2.1, 0.523861, -2.8, 0.104772, 0, -0.209544]],
    [constraints.nonNeg(), [3, 0.5, 0, 0.1, 0, 0]],
  ])("$className gives Keras's weights, also from its stored form", async (constraint, want) => {
    const again = constraints.deserialize(JSON.parse(JSON.stringify(constraints.serialize(constraint))) as never);
    const got = [...(await again.call(W).data())].map(Number);
    expect(got).toEqual(want.map((value) => expect.closeTo(value, 5)));
  });

  it("take norms along any axes, are found by name, and refuse unknown options", async () => {
    expect([...(await constraints.unitNorm({ axis: 1 }).call(dataTensor([[3, 4]])).data())]).toEqual([expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)]);
    expect(constraints.get("max_norm").className).toBe("MaxNorm");
    expect(() => constraints.maxNorm({ maxVal: 1 } as never)).toThrow(/did you mean "maxValue"/);
  });
});
