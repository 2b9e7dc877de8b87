import { describe, expect, it } from "vitest";
import { sequential } from "../../models/sequential.js";
import { mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { identity } from "./identity.js";
import { input } from "./input.js";
import { masking } from "./masking.js";

layerTest((extra) => identity(extra), [{ shape: [2, 2] }], { output: [2, 2], refused: [] });
layerTest((extra) => masking(extra), [{ shape: [3, 2] }], { output: [3, 2], refused: [[[3]], [[3, 2, 2]]] });

describe("Masking", () => {
  const steps = [[[1, 2], [-1, 3], [-1, -1]]];

  it("sets steps to 0 all of whose features have the value", async () => {
    const y = await sequential([input([3, 2]), masking({ maskValue: -1 })]).predict(steps);
    expect(await y.toArray()).toEqual([[[1, 2], [-1, 3], [0, 0]]]);
  });

  it("hands on which steps are valid", async () => {
    const model = sequential([input([3, 2]), masking({ maskValue: -1 }), identity(), maskReader()]);
    expect(await (await model.predict(steps)).toArray()).toEqual([[1, 1, 0]]);
  });

  it("refuses a value that is no number", () => {
    expect(mistake(() => masking({ maskValue: "0" as never })).where).toBe("masking, option maskValue");
  });
});
